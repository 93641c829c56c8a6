import { createRegistry } from "@vision/protocol";
import { type EpochObservations, type MinerTaskSeries, type PeriodTally, type ScoringParams, scoreEpoch, VISION } from "@vision/scoring";
import type { JudgedSample, OperatorRecord } from "./simulate-operator.js";
import type { World } from "./world.js";

/** Effective volume of one hotkey at one task, as one validator scores it. */
export type Volume = { readonly validator: number; readonly hotkey: string; readonly taskId: string; readonly effectiveVolume: number };

const HISTORY_HOURS = 168;
const SAMPLES = 100;

/** Speed that counts as 1, by task id. */
export const targets = Object.fromEntries([...createRegistry()].map(([taskId, { target }]) => [taskId, target]));

/** Index of the first that is of this hour or later. A record is in the order of its hours; most of an epoch's time once went into looking at all of it. */
function firstFrom(items: readonly { readonly period: number }[], hour: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.period ?? hour) < hour) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What the history of that hour holds of a record. */
function inHistory<Item extends { readonly period: number }>(items: readonly Item[], hour: number): readonly Item[] {
  return items.slice(firstFrom(items, hour - HISTORY_HOURS + 1), firstFrom(items, hour + 1));
}

/** What a validator would hand to `scoreEpoch` of these operators at the end of an hour. Hotkeys are named by operator. */
export function observationsOf(
  records: ReadonlyMap<string, OperatorRecord>,
  at: { readonly world: World; readonly validator: number; readonly hour: number },
): EpochObservations {
  const { world, validator, hour } = at;
  const series: MinerTaskSeries[] = [];
  for (const [name, record] of records) {
    for (const each of record.series) {
      if (each.validator !== validator) continue;
      const recorded = inHistory(each.periods, hour);
      if (recorded.length === 0) continue;
      const chosen = inHistory(each.samples, hour);
      const isLate = world.checksWaitHours > 0;
      const samples = (isLate ? chosen.filter(({ judgedAtHour }) => judgedAtHour <= hour) : chosen).slice(-SAMPLES);
      const periods = isLate
        ? recorded.map((tally) => (hour - tally.period < world.checksWaitHours ? asJudged(tally, chosen, hour) : tally))
        : recorded;
      const declaredCapacityPerHour = each.declaredPerHour[hour] ?? 0;
      series.push({ hotkey: `${name} ${each.hotkey}`, taskId: each.taskId, declaredCapacityPerHour, periods, samples });
    }
  }
  const heldPeriods = Array.from({ length: Math.min(hour + 1, HISTORY_HOURS) }, (_, index) => hour - index);
  return { period: hour, periodsPerHour: 1, heldPeriods, taskWeights: taskWeightsOf(world), targets, series };
}

/** What of an hour's checks was judged by the end of another. */
function asJudged(tally: PeriodTally, samples: readonly JudgedSample[], hour: number): PeriodTally {
  const waiting = samples.filter(({ period, judgedAtHour }) => period === tally.period && judgedAtHour > hour);
  if (waiting.length === 0) return tally;
  const passed = waiting.reduce((sum, { qualityFraction }) => sum + qualityFraction, 0);
  return {
    ...tally,
    checkedCount: (tally.checkedCount ?? 0) - waiting.length,
    passedCount: (tally.passedCount ?? 0) - passed,
    waitingCount: waiting.length,
  };
}

/** Equal weights for the world's tasks; a lonely task gets a twentieth. */
export function taskWeightsOf(world: World): Readonly<Record<string, number>> {
  const lonely = 0.05;
  const shared = (1 - lonely * world.lonelyTaskIds.length) / world.taskIds.length;
  return Object.fromEntries([
    ...world.taskIds.map((id) => [id, shared] as const),
    ...world.lonelyTaskIds.map((id) => [id, lonely] as const),
  ]);
}

/** Effective volumes of one operator: scored without the others, because nothing of theirs changes them. */
export function effectiveVolumes(record: OperatorRecord, world: World, hour: number, params: ScoringParams = VISION): readonly Volume[] {
  return Array.from({ length: world.validators }, (_, validator) => {
    const report = scoreEpoch(observationsOf(new Map([["", record]]), { world, validator, hour }), params);
    return report.miners.flatMap(({ tasks }) =>
      tasks.map(({ hotkey, taskId, effectiveVolume }) => ({ validator, hotkey, taskId, effectiveVolume })),
    );
  }).flat();
}
