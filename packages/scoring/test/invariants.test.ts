import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  type EpochObservations,
  type MinerTaskSeries,
  NINETEEN_2025,
  type PeriodTally,
  scoreEpoch,
  VISION,
  VISION_2024,
} from "../src/index.js";
import { makeTally, targets } from "./make-series.js";

const hotkeys = ["a", "b", "c"] as const;
const taskIds = ["chat-tiny", "image-tiny"] as const;
const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -1, 1e308, 5e-324),
  fc.constantFrom(null, undefined, "12", "", {}, [], true).map((value) => value as unknown as number),
);

function tallyOf(units: fc.Arbitrary<number>, period: fc.Arbitrary<number>): fc.Arbitrary<PeriodTally> {
  return fc.record({
    period,
    declaredCapacityUnits: units,
    attemptedUnits: units,
    completedUnits: units,
    rateLimitedUnits: units,
    failedUnits: units,
    requests: units,
    okCount: units,
    rateLimitedCount: units,
    failedCount: units,
  });
}

/** What a working validator records: consistent counts, one row per period. */
const soundTally = fc
  .record({
    period: fc.integer({ min: 0, max: 40 }),
    declared: fc.integer({ min: 1, max: 100_000 }),
    served: fc.integer({ min: 0, max: 50_000 }),
    rateLimited: fc.integer({ min: 0, max: 50_000 }),
    failed: fc.integer({ min: 0, max: 50_000 }),
  })
  .map(({ period, ...volumes }) => ({
    ...makeTally(period, volumes),
    ...{ requests: 3, okCount: 1, rateLimitedCount: 1, failedCount: 1 },
  }));

const soundSamples = fc.array(
  fc.record({
    period: fc.integer({ min: 0, max: 40 }),
    // Hundredths: doubles would be drawn evenly over their bit patterns, most of them next to 0, where every score is 0.
    qualityFraction: fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100),
    firstTokenMs: fc.option(fc.integer({ min: 0, max: 5_000 })),
    durationMs: fc.integer({ min: 0, max: 60_000 }),
    units: fc.integer({ min: 1, max: 4_000 }),
  }),
  { maxLength: 12 },
);

const soundSeries: fc.Arbitrary<MinerTaskSeries> = fc.record({
  hotkey: fc.constantFrom(...hotkeys),
  taskId: fc.constantFrom(...taskIds),
  declaredCapacityPerHour: fc.integer({ min: 0, max: 100_000 }),
  periods: fc.uniqueArray(soundTally, { maxLength: 12, selector: (tally) => tally.period }),
  samples: soundSamples,
});

function epochOf(series: fc.Arbitrary<MinerTaskSeries>): fc.Arbitrary<EpochObservations> {
  return fc
    .uniqueArray(series, { maxLength: 6, selector: (each) => `${each.hotkey} ${each.taskId}` })
    .map((all) => ({ period: 40, periodsPerHour: 1, targets, taskWeights: { "chat-tiny": 0.7, "image-tiny": 0.3 }, series: all }));
}

const oddSeries: fc.Arbitrary<MinerTaskSeries> = fc.record({
  hotkey: fc.constantFrom(...hotkeys),
  taskId: fc.constantFrom(...taskIds),
  declaredCapacityPerHour: anyNumber,
  periods: fc.array(tallyOf(anyNumber, fc.oneof(fc.integer({ min: 0, max: 50 }), anyNumber)), { maxLength: 6 }),
  samples: fc.array(
    fc.record({
      period: anyNumber,
      qualityFraction: anyNumber,
      firstTokenMs: fc.oneof(anyNumber, fc.constant(null)),
      durationMs: anyNumber,
      units: anyNumber,
    }),
    { maxLength: 6 },
  ),
});

function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(numbersIn);
}

function weightSum(epoch: EpochObservations): number {
  return scoreEpoch(epoch).miners.reduce((sum, miner) => sum + miner.weight, 0);
}

function shuffled<Item>(items: readonly Item[], order: readonly number[]): Item[] {
  return items
    .map((item, index) => ({ item, key: order[index % order.length] ?? 0 }))
    .sort((left, right) => left.key - right.key)
    .map(({ item }) => item);
}

/** The score of hotkey a at chat-tiny before it is compared with others. */
function effective(series: MinerTaskSeries): number {
  const report = scoreEpoch({ period: 40, periodsPerHour: 1, targets, taskWeights: { [series.taskId]: 1 }, series: [series] });
  return report.miners[0]?.tasks[0]?.effectiveVolume ?? Number.NaN;
}

describe("scoreEpoch, whatever it is given", () => {
  it("gives finite numbers of 0 or more, and fractions of at most 1", () => {
    fc.assert(
      fc.property(epochOf(oddSeries), fc.constantFrom(VISION, VISION_2024, NINETEEN_2025), (epoch, params) => {
        const report = scoreEpoch(epoch, params);
        const bad = numbersIn(
          report.miners.map((miner) => ({ ...miner, tasks: miner.tasks.map((task) => ({ ...task, periods: [] })) })),
        ).filter((value) => !Number.isFinite(value) || value < 0);
        expect(bad).toEqual([]);
        for (const miner of report.miners) {
          expect(miner.weight).toBeLessThanOrEqual(1);
          expect(miner.overallScore).toBeLessThanOrEqual(1);
          for (const task of miner.tasks) {
            for (const score of [...task.periodScores, task.averagePeriodScore, task.taskScore, task.share])
              expect(score).toBeLessThanOrEqual(1);
            expect(task.creditedCapacityPerHour).toBeLessThanOrEqual(task.declaredCapacityPerHour);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("weights sum to 1, or are all 0", () => {
    fc.assert(
      fc.property(epochOf(soundSeries), (epoch) => {
        const sum = weightSum(epoch);
        expect(sum === 0 || Math.abs(sum - 1) < 1e-9).toBe(true);
      }),
    );
  });

  it("does not depend on the order of observations, to the bit", () => {
    const order = fc.array(fc.nat(1000), { minLength: 5, maxLength: 20 });
    fc.assert(
      fc.property(epochOf(soundSeries), order, fc.constantFrom(VISION, VISION_2024, NINETEEN_2025), (epoch, keys, params) => {
        const series = shuffled(epoch.series, keys).map((each) => ({
          ...each,
          periods: shuffled(each.periods, keys),
          samples: shuffled(each.samples, keys),
        }));
        expect(scoreEpoch({ ...epoch, series }, params)).toEqual(scoreEpoch(epoch, params));
      }),
      { numRuns: 200 },
    );
  });

  it("more good work never lowers a score: one more good answer, in an old period or a new one", () => {
    fc.assert(
      fc.property(soundSeries, fc.integer({ min: 1, max: 50_000 }), fc.nat(40), (series, units, period) => {
        const has = series.periods.some((tally) => tally.period === period);
        const fresh = {
          period,
          declaredCapacityUnits: series.declaredCapacityPerHour,
          attemptedUnits: units,
          completedUnits: units,
          rateLimitedUnits: 0,
          failedUnits: 0,
          requests: 1,
          okCount: 1,
          rateLimitedCount: 0,
          failedCount: 0,
        };
        const grown = series.periods.map((tally) =>
          tally.period === period
            ? {
                ...tally,
                attemptedUnits: tally.attemptedUnits + units,
                completedUnits: tally.completedUnits + units,
                requests: 4,
                okCount: 2,
              }
            : tally,
        );
        const before = effective(series);
        expect(effective({ ...series, periods: has ? grown : [...grown, fresh] })).toBeGreaterThanOrEqual(before * (1 - 1e-9));
      }),
      { numRuns: 500 },
    );
  });

  it("more good work never lowers a score: one more perfect answer among the newest checked", () => {
    fc.assert(
      fc.property(soundSeries, (series) => {
        const better = {
          ...series,
          samples: [...series.samples, { period: 40, qualityFraction: 1, firstTokenMs: null, durationMs: 0, units: 1e12 }],
        };
        expect(effective(better)).toBeGreaterThanOrEqual(effective(series) * (1 - 1e-6) - 1e-6);
      }),
    );
  });

  it("a period in which a miner answered nothing pulls its average down, and never raises its score", () => {
    fc.assert(
      fc.property(soundSeries, fc.integer({ min: 1, max: 50_000 }), fc.boolean(), (series, units, isFailing) => {
        const dead = {
          period: 41,
          declaredCapacityUnits: Math.max(series.declaredCapacityPerHour, 1),
          attemptedUnits: units,
          completedUnits: 0,
          rateLimitedUnits: isFailing ? 0 : units,
          failedUnits: isFailing ? units : 0,
          requests: 1,
          okCount: 0,
          rateLimitedCount: isFailing ? 0 : 1,
          failedCount: isFailing ? 1 : 0,
        };
        const after = { ...series, periods: [...series.periods, dead] };
        const average = (each: MinerTaskSeries) =>
          scoreEpoch({ period: 41, periodsPerHour: 1, targets, taskWeights: {}, series: [each] }).miners[0]?.tasks[0]?.averagePeriodScore ??
          Number.NaN;
        const before = average(series);
        if (before > 0) expect(average(after)).toBeLessThan(before);
        expect(effective(after)).toBeLessThanOrEqual(effective(series) * (1 + 1e-9));
      }),
    );
  });

  it("one miner's bad reply never touches another's score", () => {
    fc.assert(
      fc.property(epochOf(soundSeries), oddSeries, (epoch, odd) => {
        const intruder = { ...odd, hotkey: "z" };
        const report = scoreEpoch({ ...epoch, series: [...epoch.series, intruder] });
        const own = (miners: typeof report.miners) =>
          miners
            .filter((miner) => miner.hotkey !== "z")
            .map((miner) => miner.tasks.map(({ share: _share, taskScore: _taskScore, ...task }) => task));
        expect(own(report.miners)).toEqual(own(scoreEpoch(epoch).miners));
      }),
    );
  });
});
