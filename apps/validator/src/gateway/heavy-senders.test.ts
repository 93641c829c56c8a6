import { describe, expect, it } from "@jest/globals";
import { createManualClock } from "../testing/manual-clock.js";
import { createHeavySenders } from "./heavy-senders.js";

describe("createHeavySenders", () => {
  it("a sender could stop the API again and again: from the second time on it waits for a minute, and nobody else does", async () => {
    const clock = createManualClock();
    const senders = createHeavySenders(clock);
    const isWelcome = (ip: string) => {
      try {
        senders.assertWelcome({ ip });
        return true;
      } catch (error) {
        expect(error).toMatchObject({ status: 429 });
        return false;
      }
    };
    senders.note("10.0.0.1");
    expect(isWelcome("10.0.0.1")).toBe(true);
    senders.note("10.0.0.1");
    expect([isWelcome("10.0.0.1"), isWelcome("::ffff:10.0.0.1"), isWelcome("10.0.0.2")]).toEqual([false, false, true]);
    await clock.advance(60_000);
    expect(isWelcome("10.0.0.1")).toBe(true);
    senders.note("10.0.0.1");
    expect(isWelcome("10.0.0.1")).toBe(false);
    await clock.advance(600_000);
    senders.note("10.0.0.1");
    expect(isWelcome("10.0.0.1")).toBe(true);
  });
});
