import { describe, expect, it } from "@jest/globals";
import { createBatchedCounter } from "./batched-counter.js";

describe("createBatchedCounter", () => {
  it("tells a flood of one thing as one sum, and goes on after it", () => {
    const told: (readonly [string, number])[] = [];
    const waiting: (() => void)[] = [];
    const counter = createBatchedCounter({
      label: "reason",
      tell: (value, count) => void told.push([value, count]),
      schedule: (flush) => void waiting.push(flush),
    });
    for (let time = 0; time < 1_000; time += 1) counter.inc({ reason: "address" });
    counter.inc({ reason: "all_taken" }, 2);
    expect([told, waiting.length]).toEqual([[], 1]);
    waiting.pop()?.();
    expect(told).toEqual([
      ["address", 1_000],
      ["all_taken", 2],
    ]);
    counter.inc({ reason: "address" });
    waiting.pop()?.();
    expect(told.slice(2)).toEqual([["address", 1]]);
  });
});
