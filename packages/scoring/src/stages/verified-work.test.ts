import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { payOf, reportOf } from "../../test/arbitrary-miner.js";
import { makeSamples, makeSeries, makeTally } from "../../test/make-series.js";
import type { MinerTaskSeries, PeriodTally } from "../observation.js";

/** A period that was served whole, with so many checks that passed, were judged at all, and wait. */
function periodOf(period: number, units: number, checks: readonly [passed: number, checked: number, waiting?: number]): PeriodTally {
  const [passedCount, checkedCount, waitingCount = 0] = checks;
  return {
    ...makeTally(period, { declared: units, served: units }),
    ...{ checkedCount, passedCount },
    ...(waitingCount === 0 ? {} : { waitingCount }),
  };
}

/** A miner of so many units an hour, with these periods. */
function minerOf(declaredCapacityPerHour: number, periods: readonly PeriodTally[]): MinerTaskSeries {
  return makeSeries({ declaredCapacityPerHour, periods, samples: makeSamples(periods.slice(0, 4).map(({ period }) => period)) });
}

const provenOf = (miner: MinerTaskSeries) => reportOf(miner).provenCapacityPerHour;

/** Ten hours of an honest miner's work, checked throughout. */
const proven = Array.from({ length: 10 }, (_, index) => periodOf(20 + index, 1000, [6, 6]));

describe("checks that wait", () => {
  it("prove nothing of a newcomer until six of them are judged, or all, and then what those bear out", () => {
    const after = (checks: Parameters<typeof periodOf>[2]) => provenOf(minerOf(1000, [periodOf(39, 1000, checks)]));
    expect([after([0, 0, 24]), after([5, 5, 19]), after([1, 1, 1])]).toEqual([0, 0, 0]);
    expect([after([6, 6, 18]), after([5, 6, 18]), after([2, 6, 18]), after([23, 24]), after([1, 1])]).toEqual([
      1000, 1000, 500, 1000, 1000,
    ]);
  });

  it("regression: ten times the capacity, made up but for a lucky draw, was paid until the rest was judged", () => {
    const lucky = minerOf(10_000, [periodOf(39, 10_000, [1, 1, 23])]);
    const judged = minerOf(10_000, [periodOf(39, 10_000, [3, 24])]);
    expect(payOf(lucky)).toBe(0);
    expect(payOf(judged)).toBe(0);
    // Who is known for 1,000 is not believed 10,000 while nobody looks, and loses nothing by it.
    expect(provenOf(minerOf(10_000, [...proven, periodOf(39, 10_000, [2, 2, 22])]))).toBe(1000);
  });

  it("move no miner that is known: an hour, or a day, in which nothing is judged leaves its pay as it was", () => {
    for (const hours of [1, 24]) {
      const lagging = Array.from({ length: hours }, (_, index) => periodOf(30 + index, 1000, [0, 0, 24]));
      const checked = lagging.map(({ period }) => periodOf(period, 1000, [24, 24]));
      const samples = makeSamples([29]);
      const [late, onTime] = [lagging, checked].map((newest) => {
        const at = 29 + hours;
        return reportOf({ ...minerOf(1000, [...proven, ...newest]), samples }, at).effectiveVolume;
      });
      expect({ hours, late }).toEqual({ hours, late: onTime });
    }
  });

  it("keep proof alive as work that is checked does, and no more than what was proven", () => {
    const old = periodOf(0, 1000, [24, 24]);
    const at = (tally: PeriodTally) => reportOf(minerOf(1000, [old, tally]), 100).provenCapacityPerHour;
    expect(at(periodOf(100, 900, [0, 0, 24]))).toBe(900);
    expect(at(periodOf(100, 900, [24, 24]))).toBe(900);
    expect(at(periodOf(100, 5000, [0, 0, 24]))).toBe(1000);
    // What is found wrong meanwhile proves nothing: the rest fades as it would.
    expect(at(periodOf(100, 900, [0, 4, 20]))).toBeLessThan(520);
  });

  it("weigh by the hour: a period of a quarter of an hour bears out a quarter of what an hour has proven", () => {
    const short = { ...periodOf(39, 5000, [0, 0, 24]), hours: 0.25 };
    expect(provenOf(minerOf(20_000, [...proven, short]))).toBeCloseTo(1000, 9);
  });

  it("that are judged as right never lower pay, in any period", () => {
    const count = fc.integer({ min: 0, max: 24 });
    fc.assert(
      fc.property(count, count, fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 5000 }), (passed, wrong, waiting, units) => {
        const pay = (checks: Parameters<typeof periodOf>[2]) => payOf(minerOf(3000, [...proven, periodOf(39, units, checks)]));
        const before = pay([passed, passed + wrong, waiting]);
        expect(pay([passed + 1, passed + wrong + 1, waiting - 1])).toBeGreaterThanOrEqual(before * (1 - 1e-9));
      }),
      { numRuns: 300 },
    );
  });
});
