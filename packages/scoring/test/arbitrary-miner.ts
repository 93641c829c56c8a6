import fc from "fast-check";
import { type MinerTaskReport, type MinerTaskSeries, type PeriodTally, scoreEpoch } from "../src/index.js";
import { makeTally, targets } from "./make-series.js";

/** The newest period of every epoch that the laws are tried in. */
export const NEWEST = 40;

/** Volumes of a period in work units, what was checked of it, and what was declared for it. */
const tally = fc
  .record({
    period: fc.integer({ min: 0, max: NEWEST }),
    declared: fc.integer({ min: 1, max: 100_000 }),
    served: fc.integer({ min: 0, max: 50_000 }),
    rateLimited: fc.integer({ min: 0, max: 50_000 }),
    failed: fc.integer({ min: 0, max: 50_000 }),
    checked: fc.integer({ min: 0, max: 24 }),
    // Hundredths: doubles would be drawn evenly over their bit patterns, most of them next to 0.
    passedHundredths: fc.integer({ min: 0, max: 100 }),
    waiting: fc.option(fc.integer({ min: 1, max: 24 }), { nil: undefined }),
    plannedHundredths: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
  })
  .map(
    ({ period, checked, passedHundredths, waiting, plannedHundredths, ...volumes }): PeriodTally => ({
      ...makeTally(period, volumes),
      ...(plannedHundredths === undefined ? {} : { plannedUnits: (volumes.declared * plannedHundredths) / 100 }),
      // As many answers as a period of 24 checks has at least.
      ...{ requests: 40, okCount: 30, rateLimitedCount: 5, failedCount: 5 },
      checkedCount: volumes.served > 0 ? checked : 0,
      passedCount: volumes.served > 0 ? (checked * passedHundredths) / 100 : 0,
      ...(waiting === undefined || volumes.served === 0 ? {} : { waitingCount: waiting }),
    }),
  );

const sample = fc.record({
  period: fc.integer({ min: 0, max: NEWEST }),
  qualityFraction: fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100),
  firstTokenMs: fc.option(fc.integer({ min: 1, max: 5_000 })),
  durationMs: fc.integer({ min: 1, max: 60_000 }),
  units: fc.integer({ min: 1, max: 4_000 }),
});

/** A miner with anything that a working validator can have recorded of it: checks and verdicts, misses, pauses. */
export const arbitraryMiner: fc.Arbitrary<MinerTaskSeries> = fc.record({
  hotkey: fc.constant("own"),
  taskId: fc.constant("chat-tiny"),
  declaredCapacityPerHour: fc.integer({ min: 1, max: 100_000 }),
  periods: fc.uniqueArray(tally, { minLength: 1, maxLength: 12, selector: ({ period }) => period }),
  samples: fc.array(sample, { minLength: 1, maxLength: 12 }),
});

/** A verdict as the power sees it: most random miners' mean is so low that every pay is next to nothing. */
export const mostlyRight: fc.Arbitrary<MinerTaskSeries> = arbitraryMiner.map((miner) => ({
  ...miner,
  samples: miner.samples.map((each) => ({ ...each, qualityFraction: 1 - (1 - each.qualityFraction) / 10 })),
}));

/** Everything that a miner came to on its own at the end of a period, before it is compared with others. The validator held every period. */
export function reportOf(miner: MinerTaskSeries, period = NEWEST): MinerTaskReport {
  const heldPeriods = Array.from({ length: period + 1 }, (_, index) => index);
  const report = scoreEpoch({ period, periodsPerHour: 1, heldPeriods, targets, taskWeights: { "chat-tiny": 1 }, series: [miner] });
  const task = report.miners[0]?.tasks[0];
  if (task === undefined) throw new Error("the miner is missing");
  return task;
}

/** What a miner is paid for, work units per hour. */
export function payOf(miner: MinerTaskSeries): number {
  return reportOf(miner).effectiveVolume;
}

/** The miner with one of its periods changed; the index may be beyond the last one and begins again. */
export function withPeriod(miner: MinerTaskSeries, index: number, change: (tally: PeriodTally) => PeriodTally): MinerTaskSeries {
  const at = index % miner.periods.length;
  return { ...miner, periods: miner.periods.map((each, position) => (position === at ? change(each) : each)) };
}
