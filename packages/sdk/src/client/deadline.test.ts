import { describe, expect, it } from "@jest/globals";
import { createManualClock } from "../runtime/manual-clock.js";
import { createDeadline } from "./deadline.js";

describe("createDeadline", () => {
  it("blames the miner when the time is over", () => {
    const clock = createManualClock();
    const deadline = createDeadline(clock, { totalMs: 5_000 }, undefined);
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
    const deadline = createDeadline(clock, { totalMs: 5_000 }, undefined);
    sleptMs = lateMs;
    manual.advance(5_000);
    expect(deadline.getFailure()?.blame).toBe(blame);
  });

  it("blames nobody when the caller gives up, and leaves no timer behind", () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const deadline = createDeadline(clock, { totalMs: 5_000 }, controller.signal);
    controller.abort();
    expect(deadline.getFailure()?.blame).toBe("nobody");
    deadline.clear();
    expect(clock.timerCount).toBe(0);
  });

  const limits = { firstEventMs: 15_000, betweenEventsMs: 10_000, totalMs: 60_000 };

  it("regression: a hung miner cost a user the whole time; the first event and every next one have times of their own", async () => {
    const clock = createManualClock();
    const silent = createDeadline(clock, limits, undefined);
    const stalled = createDeadline(clock, limits, undefined);
    const steady = createDeadline(clock, limits, undefined);
    stalled.noteEvent();
    for (let elapsedMs = 0; elapsedMs < 50_000; elapsedMs += 5_000) {
      steady.noteEvent();
      await clock.advance(5_000);
    }
    expect(silent.getFailure()).toMatchObject({ blame: "miner", reason: "no first event within 15000 ms" });
    expect(stalled.getFailure()).toMatchObject({ blame: "miner", reason: "no further event within 10000 ms" });
    expect(steady.getFailure()).toBeNull();
    for (const deadline of [silent, stalled, steady]) deadline.clear();
  });

  it("does not count the time in which we take nothing against the miner", async () => {
    const clock = createManualClock();
    const deadline = createDeadline(clock, limits, undefined);
    deadline.noteEvent();
    deadline.noteHeldBack();
    for (let step = 0; step < 8; step += 1) await clock.advance(5_000);
    expect(deadline.getFailure()).toBeNull();
    deadline.clear();
  });
});
