import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { makeTally } from "../../test/make-series.js";
import { referencePeriodScore } from "../reference-presets/reference-period-score.js";
import { VISION } from "../vision.js";
import { periodScore } from "./period-score.js";

function score(declared: number, volumes: { served?: number; rateLimited?: number; failed?: number }): number | null {
  return periodScore(makeTally(1, { declared, ...volumes }), VISION.periodScore);
}

const volume = fc.double({ min: 0, max: 1e6, noNaN: true });

describe("periodScore", () => {
  it("is null when nothing was asked, 1 when everything was answered, 0 when nothing was", () => {
    expect(score(1000, {})).toBeNull();
    expect(score(1000, { served: 50 })).toBe(1);
    expect(score(1000, { failed: 50 })).toBe(0);
    expect(score(1000, { rateLimited: 50 })).toBe(0);
    expect(score(1000, { rateLimited: 5000 })).toBe(0);
  });

  it("hits a miner harder that failed while little of its volume was used", () => {
    expect(score(1000, { served: 10, failed: 10 })).toBeCloseTo(10 / (10 + 10 * 2.98), 12);
    expect(score(1000, { served: 1000, failed: 1000 })).toBe(0.5);
  });

  it("W-06: rate limiting is never worse than failing the same volume", () => {
    fc.assert(
      fc.property(volume, volume, volume, fc.double({ min: 1, max: 1e6, noNaN: true }), (served, missed, failed, declared) => {
        const refused = score(declared, { served, rateLimited: missed, failed }) ?? 0;
        const failing = score(declared, { served, failed: missed + failed }) ?? 0;
        return refused >= failing - 1e-12;
      }),
    );
  });

  it("W-06: rate limiting costs next to nothing when most of the announced volume was used", () => {
    expect(score(1000, { served: 900, rateLimited: 300 })).toBeGreaterThan(0.98);
    expect(score(1000, { served: 1000, rateLimited: 5000 })).toBe(1);
    expect(score(1000, { served: 50, rateLimited: 50 })).toBeLessThan(0.3);
  });

  it("W-14: late failures of an earlier period cannot lift a score above 1", () => {
    // The reference with T = 1 and two refusals: two negative factors multiply to a perfect score; with T = 2 and five failures, to 2.25.
    expect(
      referencePeriodScore({ requests: 2, declaredUnits: 1000, completedUnits: 0, rateLimitedCount: 5, failedCount: 0 }, 2),
    ).toBeCloseTo(2.25, 12);
    const late = {
      ...makeTally(1, { declared: 1000 }),
      attemptedUnits: 100,
      requests: 2,
      rateLimitedUnits: 250,
      failedUnits: 250,
      failedCount: 5,
    };
    expect(periodScore(late, VISION.periodScore)).toBe(0);
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 5, maxLength: 5 }), ([declared, attempted, completed, limited, failed]) => {
        const tally = {
          ...makeTally(1, { declared: 0 }),
          declaredCapacityUnits: declared ?? 0,
          attemptedUnits: attempted ?? 0,
          completedUnits: completed ?? 0,
          rateLimitedUnits: limited ?? 0,
          failedUnits: failed ?? 0,
          requests: attempted ?? 0,
          rateLimitedCount: limited ?? 0,
          failedCount: failed ?? 0,
        };
        const result = periodScore(tally, VISION.periodScore) ?? 0;
        expect(result).toBeGreaterThanOrEqual(0);
        expect(result).toBeLessThanOrEqual(1);
      }),
    );
  });
});
