import { describe, expect, it } from "@jest/globals";
import { createManualClock } from "../testing/manual-clock.js";
import { withinTime } from "./within-time.js";

describe("withinTime", () => {
  it("gives what comes in time, fails when nothing does, and leaves no timer behind", async () => {
    const clock = createManualClock();
    expect(await withinTime(Promise.resolve(7), 1_000, clock)).toBe(7);
    expect(clock.sleepers()).toBe(0);
    const late = withinTime(new Promise(() => undefined), 1_000, clock).catch((error: unknown) => error);
    await clock.advance(1_000);
    expect(await late).toMatchObject({ code: "STORE_UNREACHABLE" });
  });

  it("regression: a loop that was late took its own lateness for the database's, and refused what lay there unread", async () => {
    let wake: () => void = () => undefined;
    const clock = {
      sleep: () =>
        new Promise<void>((resolve) => {
          wake = resolve;
        }),
    };
    let answer: (value: number) => void = () => undefined;
    const work = new Promise<number>((resolve) => {
      answer = resolve;
    });
    const result = withinTime(work, 1_000, clock);
    // After a standstill the timer comes first, and in the same turn of the loop what the sockets hold.
    wake();
    setImmediate(() => answer(7));
    expect(await result).toBe(7);
  });
});
