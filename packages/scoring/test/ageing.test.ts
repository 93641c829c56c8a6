import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type MinerTaskSeries, type PeriodTally, VISION } from "../src/index.js";
import { mostlyRight, NEWEST, reportOf } from "./arbitrary-miner.js";
import { makeSamples, makeSeries, makeTally } from "./make-series.js";

describe("ageing is smooth", () => {
  const { memoryHours, fullMemoryHours, headroom } = VISION.capacity;
  /** What fades in an hour of something that was one. */
  const fadedInAnHour = 1 / (memoryHours - fullMemoryHours);
  const age = fc.integer({ min: 0, max: memoryHours });

  /** How much of its credit a miner that goes on declaring the same loses or gains in an hour in which only its record grows older. */
  function stepAt(record: MinerTaskSeries, hour: number): number {
    const declared = record.declaredCapacityPerHour;
    const first = Math.min(...record.periods.map(({ period }) => period));
    const known = new Map(record.periods.map((tally) => [tally.period, tally]));
    const [now = 0, next = 0] = [hour, hour + 1].map((newest) => {
      // There in every hour, and asked for nothing in those that the record does not hold.
      const periods = Array.from({ length: newest - first + 1 }, (_, index) => first + index);
      const all = periods.map((period) => known.get(period) ?? makeTally(period, { declared }));
      return reportOf({ ...record, periods: all }, newest).creditedCapacityPerHour;
    });
    return Math.abs(next - now);
  }

  const declaringTheSame = (change: (tally: PeriodTally) => PeriodTally) =>
    mostlyRight.map((miner) => ({
      ...miner,
      periods: miner.periods.map((tally) => ({ ...change(tally), declaredCapacityUnits: miner.declaredCapacityPerHour })),
    }));

  it("no hour takes more than proof fades in it", () => {
    const flawless = declaringTheSame((tally) => makeTally(tally.period, { declared: 1, served: tally.completedUnits }));
    fc.assert(
      fc.property(flawless, age, (record, hours) => {
        const best = Math.max(...record.periods.map((tally) => tally.completedUnits));
        expect(stepAt(record, NEWEST + hours)).toBeLessThanOrEqual(headroom * best * fadedInAnHour * (1 + 1e-9));
      }),
      { numRuns: 1000 },
    );
  });

  it("nor takes or gives more than the fading of misses explains, whatever was missed", () => {
    fc.assert(
      fc.property(
        declaringTheSame((tally) => tally),
        age,
        (record, hours) => {
          const best = Math.max(...record.periods.map((tally) => tally.completedUnits));
          const worst = Math.max(...record.periods.map((tally) => tally.attemptedUnits));
          // By the power of 4, claim and headroom, credit may change ten times as fast as what it is made of.
          expect(stepAt(record, NEWEST + hours)).toBeLessThanOrEqual(10 * (best + worst) * fadedInAnHour);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("all of a record fades to nothing, and what leaves it has nothing left", () => {
    const record = makeSeries({ periods: [makeTally(0, { declared: 1000, served: 1000 })], samples: makeSamples([0]) });
    const creditedAt = (hour: number) => {
      const since = Array.from({ length: hour }, (_, index) => makeTally(1 + index, { declared: 1000 }));
      return reportOf({ ...record, declaredCapacityPerHour: 1000, periods: [...record.periods, ...since] }, hour).creditedCapacityPerHour;
    };
    expect(creditedAt(1)).toBe(1000);
    expect(creditedAt(memoryHours - 1)).toBeGreaterThan(0);
    expect(creditedAt(memoryHours - 1)).toBeLessThan((1000 * headroom) / 100);
    expect(creditedAt(memoryHours)).toBe(0);
  });
});
