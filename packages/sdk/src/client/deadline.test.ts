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

  const target = { firstTokenMs: 500, unitsPerSecond: 60 };
  const limits = { content: { firstContentMs: 15_000, betweenContentMs: 10_000, target }, totalMs: 600_000 };

  it("regression: a hung miner cost a user the whole time; the first content and every next one have times of their own", () => {
    const clock = createManualClock();
    const silent = createDeadline(clock, limits, undefined);
    const stalled = createDeadline(clock, limits, undefined);
    const steady = createDeadline(clock, limits, undefined);
    stalled.noteContent(1, clock.monotonicMs());
    for (let units = 1; units <= 10; units += 1) {
      steady.noteContent(units, clock.monotonicMs());
      clock.advance(5_000);
    }
    expect(silent.getFailure()).toMatchObject({ blame: "miner", reason: "no first content within 15000 ms" });
    expect(stalled.getFailure()).toMatchObject({ blame: "miner", reason: expect.stringContaining("no further content within 10000 ms") });
    expect(steady.getFailure()).toBeNull();
    for (const deadline of [silent, stalled, steady]) deadline.clear();
  });

  it("regression: events without content held the limit of the first token off; only content does", () => {
    const clock = createManualClock();
    const deadline = createDeadline(clock, limits, undefined);
    for (let elapsedMs = 0; elapsedMs < 15_000; elapsedMs += 1_000) {
      expect(deadline.getFailure()).toBeNull();
      deadline.noteContent(0, clock.monotonicMs());
      clock.advance(1_000);
    }
    expect(deadline.getFailure()).toMatchObject({ blame: "miner", stage: "time" });
  });

  it("regression: a server that sends 720 tokens every 12 s was blamed between them, at the target's own pace", () => {
    const clock = createManualClock();
    const deadline = createDeadline(clock, limits, undefined);
    for (let units = 720; units <= 7_200; units += 720) {
      clock.advance(12_000);
      deadline.noteContent(units, clock.monotonicMs());
      expect(deadline.getFailure()).toBeNull();
    }
    clock.advance(22_499);
    expect(deadline.getFailure()).toBeNull();
    clock.advance(1);
    expect(deadline.getFailure()).toMatchObject({ blame: "miner" });
  });

  it("does not count the time in which something waits for us, or in which we take nothing, against the miner", () => {
    const clock = createManualClock();
    const deadline = createDeadline(clock, limits, undefined);
    deadline.noteContent(1, 0);
    deadline.noteUnread();
    clock.advance(60_000);
    expect(deadline.getFailure()).toBeNull();
    deadline.noteRead(clock.monotonicMs());
    clock.advance(9_999);
    expect(deadline.getFailure()).toBeNull();
    clock.advance(10_000);
    expect(deadline.getFailure()).toMatchObject({ blame: "miner" });
  });
});
