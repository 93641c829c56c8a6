import { describe, expect, it } from "@jest/globals";
import { createManualClock } from "../runtime/manual-clock.js";
import { createDeadline } from "./deadline.js";

describe("createDeadline", () => {
  it("blames the miner when the time is over", () => {
    const clock = createManualClock();
    const deadline = createDeadline(clock, 5_000, undefined);
    clock.advance(4_999);
    expect(deadline.getFailure()).toBeNull();
    clock.advance(1);
    expect(deadline.getFailure()).toMatchObject({ blame: "miner", reason: expect.stringContaining("5000 ms") });
    expect(deadline.signal.aborted).toBe(true);
  });

  it.each([
    [1_000, "miner"],
    [1_001, "validator"],
    [600_000, "validator"],
  ])("a timer that fires %s ms late because our process slept blames the %s", (lateMs, blame) => {
    const manual = createManualClock();
    let sleptMs = 0;
    const clock = { ...manual, monotonicMs: () => manual.monotonicMs() + sleptMs };
    const deadline = createDeadline(clock, 5_000, undefined);
    sleptMs = lateMs;
    manual.advance(5_000);
    expect(deadline.getFailure()?.blame).toBe(blame);
  });

  it("blames nobody when the caller gives up, and leaves no timer behind", () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const deadline = createDeadline(clock, 5_000, controller.signal);
    controller.abort();
    expect(deadline.getFailure()?.blame).toBe("nobody");
    deadline.clear();
    expect(clock.timerCount).toBe(0);
  });
});
