import { describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import type { Observation } from "./observation.js";
import { tallyPeriod } from "./tally-period.js";

function observe(changes: Partial<Observation> = {}): Observation {
  return {
    hotkey: "a",
    taskId: "t",
    period: 3,
    outcome: "ok",
    blame: "nobody",
    attemptedUnits: 30,
    completedUnits: 20,
    isOrganic: false,
    ...changes,
  };
}

const options = { period: 3, declaredCapacityUnits: 500 };

describe("tallyPeriod", () => {
  it("counts requests and volumes by outcome, synthetic and organic alike", () => {
    const observations = [
      observe(),
      observe({ isOrganic: true }),
      observe({ outcome: "rateLimited", blame: "miner" }),
      observe({ outcome: "failed", blame: "miner", attemptedUnits: 7 }),
    ];
    const expected = {
      period: 3,
      declaredCapacityUnits: 500,
      attemptedUnits: 97,
      completedUnits: 40,
      rateLimitedUnits: 30,
      failedUnits: 7,
      requests: 4,
      okCount: 2,
      rateLimitedCount: 1,
      failedCount: 1,
    };
    expect(tallyPeriod(observations, options)).toEqual(expected);
    expect(tallyPeriod([...observations].reverse(), options)).toEqual(expected);
  });

  it("leaves misses out that the validator or nobody is to blame for", () => {
    const observations = (["validator", "nobody"] as const).flatMap((blame) => [
      observe({ outcome: "failed", blame }),
      observe({ outcome: "rateLimited", blame }),
    ]);
    expect(tallyPeriod(observations, options)).toMatchObject({ requests: 0, attemptedUnits: 0 });
  });

  it("does not count partial work of a failed request as completed", () => {
    expect(tallyPeriod([observe({ outcome: "failed", blame: "miner" })], options).completedUnits).toBe(0);
  });

  it("takes a declaration that is no number as 0", () => {
    expect(tallyPeriod([], { period: 3, declaredCapacityUnits: Number.NaN }).declaredCapacityUnits).toBe(0);
  });

  it("refuses a mix of miners or tasks", () => {
    for (const other of [{ hotkey: "b" }, { taskId: "u" }]) {
      expect(() => tallyPeriod([observe(), observe(other)], options)).toThrow(VisionError);
    }
  });
});
