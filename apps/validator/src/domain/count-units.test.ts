import { describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { countAnsweredUnits, countMissedUnits } from "./count-units.js";

const task = createRegistry().get("chat-tiny");

describe("counting units", () => {
  it("does not make a miner lose by an answer that ends early", () => {
    expect(countAnsweredUnits(3, 100)).toEqual({ attemptedUnits: 3, completedUnits: 3 });
  });

  it("does not pay for more than was asked, or for nonsense", () => {
    expect(countAnsweredUnits(1e9, 100).completedUnits).toBe(100);
    expect(countAnsweredUnits(Number.NaN, 100)).toEqual({ attemptedUnits: 0, completedUnits: 0 });
  });

  it("counts a miss as a typical answer, not as the request's limit", () => {
    if (task === undefined) throw new Error("no task");
    expect(countMissedUnits(task, 4_096)).toEqual({ attemptedUnits: 32, completedUnits: 0 });
    expect(countMissedUnits(task, 8)).toEqual({ attemptedUnits: 8, completedUnits: 0 });
  });
});
