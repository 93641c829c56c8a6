import { describe, expect, it } from "@jest/globals";
import { createSystemClock } from "./clock.js";

describe("createSystemClock", () => {
  it("rejects a sleep whose signal aborts, before or during it, and keeps no listener", async () => {
    const clock = createSystemClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(2 ** 40, stop.signal);
    stop.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow("enough");
  });

  it("sleeps for no time at all at once", async () => {
    await expect(createSystemClock().sleep(-5, new AbortController().signal)).resolves.toBeUndefined();
  });
});
