import { describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { countAnsweredUnits, countMissedUnits } from "./count-units.js";

const task = createRegistry().get("chat-tiny");

describe("counting units", () => {
  const count = (deliveredUnits: number, mayBeEmpty = false) => countAnsweredUnits({ deliveredUnits, maxUnits: 100, mayBeEmpty });

  it("does not make a miner lose by an answer that ends early", () => {
    expect(count(3)).toEqual({ attemptedUnits: 3, completedUnits: 3 });
  });

  it("does not pay for more than was asked", () => {
    expect(count(1e9)).toEqual({ attemptedUnits: 100, completedUnits: 100 });
  });

  it("regression: an answer of nothing was free and counted as answered", () => {
    for (const nothing of [0, -1, Number.NaN]) expect(count(nothing)).toBeNull();
    expect(count(0, true)).toEqual({ attemptedUnits: 1, completedUnits: 1 });
  });

  it("counts a miss as a typical answer, not as the request's limit", () => {
    if (task === undefined) throw new Error("no task");
    expect(countMissedUnits(task, 4_096)).toEqual({ attemptedUnits: 32, completedUnits: 0 });
    expect(countMissedUnits(task, 8)).toEqual({ attemptedUnits: 8, completedUnits: 0 });
  });
});
