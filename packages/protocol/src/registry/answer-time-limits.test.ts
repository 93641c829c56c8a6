import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { answerTimeLimits } from "./answer-time-limits.js";
import { defaultTasks } from "./default-tasks.js";

describe("answerTimeLimits", () => {
  it("lets an answer of any length finish at the task's target speed", () => {
    fc.assert(
      fc.property(fc.constantFrom(...defaultTasks), fc.integer({ min: 1, max: 131_072 }), ({ timeoutMs, target }, units) => {
        const { totalMs } = answerTimeLimits({ timeoutMs, target }, units);
        expect(totalMs).toBeGreaterThanOrEqual(target.firstTokenMs + (units / target.unitsPerSecond) * 1000);
        expect(totalMs).toBeGreaterThanOrEqual(timeoutMs);
      }),
    );
  });

  it("gives up a hung miner before the task's whole time is over", () => {
    const task = { timeoutMs: 60_000, target: { firstTokenMs: 500, unitsPerSecond: 60 } };
    expect(answerTimeLimits(task, 300)).toEqual({ firstEventMs: 20_000, betweenEventsMs: 10_000, totalMs: 60_000 });
    expect(answerTimeLimits(task, 36_000)).toEqual({ firstEventMs: 20_000, betweenEventsMs: 10_000, totalMs: 1_220_000 });
  });

  it("never waits longer for an event than for a short answer", () => {
    const task = { timeoutMs: 1_000, target: { firstTokenMs: 500, unitsPerSecond: 60 } };
    expect(answerTimeLimits(task, 1)).toEqual({ firstEventMs: 1_000, betweenEventsMs: 1_000, totalMs: 1_034 });
  });
});
