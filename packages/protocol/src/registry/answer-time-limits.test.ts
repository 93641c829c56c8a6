import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { answerTimeLimits, createAnswerPace } from "./answer-time-limits.js";
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
    expect(answerTimeLimits(task, 300)).toEqual({ firstContentMs: 20_000, betweenContentMs: 10_000, totalMs: 60_000, target: task.target });
    expect(answerTimeLimits(task, 36_000)).toEqual({
      firstContentMs: 20_000,
      betweenContentMs: 10_000,
      totalMs: 1_220_000,
      target: task.target,
    });
  });

  it("never waits longer for an event than for a short answer", () => {
    const task = { timeoutMs: 1_000, target: { firstTokenMs: 500, unitsPerSecond: 60 } };
    expect(answerTimeLimits(task, 1)).toEqual({ firstContentMs: 1_000, betweenContentMs: 1_000, totalMs: 1_034, target: task.target });
  });
});

describe("createAnswerPace", () => {
  const limits = answerTimeLimits({ timeoutMs: 60_000, target: { firstTokenMs: 500, unitsPerSecond: 60 } }, 100_000);

  it("never calls content late that keeps up with the target, whatever the size of its steady pieces", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 2, max: 50 }), (pieceUnits, pieces) => {
        const pace = createAnswerPace(limits);
        const atMs = (piece: number) => 500 + (piece * pieceUnits * 1000) / 60;
        for (let piece = 1; piece < pieces; piece += 1) {
          pace.note(piece * pieceUnits, atMs(piece));
          expect(pace.dueMs()).toBeGreaterThanOrEqual(atMs(piece + 1));
        }
      }),
    );
  });

  it("waits no longer than the limit for the next content of an answer that is behind", () => {
    const pace = createAnswerPace(limits);
    expect(pace.dueMs()).toBe(20_000);
    pace.note(10, 15_000);
    expect(pace.dueMs()).toBe(25_000);
    pace.note(10, 20_000);
    expect(pace.dueMs()).toBe(25_000);
  });
});
