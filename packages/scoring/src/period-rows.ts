import { clamp, safeUnits } from "./numbers.js";
import type { PeriodTally } from "./observation.js";

/**
 * The period tallies of one miner at one task as columns, oldest first, cleaned: every value finite, 0 or more, and
 * `served + rateLimited + failed` is what was attempted. Reused from series to series, because a fresh object per period costs
 * more than all the arithmetic on it.
 */
export type PeriodRows = {
  length: number;
  /** Rows that had to be left out because their period is not a number. */
  skipped: number;
  period: Float64Array;
  declared: Float64Array;
  /** Volume that the plan was to try; all that was declared where it is not known. */
  planned: Float64Array;
  /** How long the period was, hours; 0 for the usual length. */
  hours: Float64Array;
  /** Attempted volume of the requests that were answered. */
  served: Float64Array;
  /** Delivered volume, as counted from the answers. */
  completed: Float64Array;
  rateLimited: Float64Array;
  failed: Float64Array;
  requests: Float64Array;
  okCount: Float64Array;
  rateLimitedCount: Float64Array;
  failedCount: Float64Array;
  /** Answers that were checked; 1 that passed where it is not known. */
  checked: Float64Array;
  /** Sum of their verdicts. */
  passed: Float64Array;
  /** Answers that still wait to be checked. */
  waiting: Float64Array;
  /** Room to build the report's arrays in; a slice of such an array is one exact copy, where pushing would allocate three times as much. */
  readonly scratch: {
    readonly periods: number[];
    readonly periodScores: number[];
    readonly periodWeights: number[];
    lastPeriods: readonly number[];
  };
};

/** Empty rows with room for `capacity` periods. */
export function createPeriodRows(capacity: number): PeriodRows {
  const column = () => new Float64Array(capacity);
  const numbers = () => Array.from({ length: capacity }, () => 0.5);
  return {
    length: 0,
    skipped: 0,
    period: column(),
    declared: column(),
    planned: column(),
    hours: column(),
    served: column(),
    completed: column(),
    rateLimited: column(),
    failed: column(),
    requests: column(),
    okCount: column(),
    rateLimitedCount: column(),
    failedCount: column(),
    checked: column(),
    passed: column(),
    waiting: column(),
    scratch: { periods: numbers(), periodScores: numbers(), periodWeights: numbers(), lastPeriods: [] },
  };
}

const tieBreakers = ["attemptedUnits", "completedUnits", "rateLimitedUnits", "failedUnits", "declaredCapacityUnits"] as const;

function compareTallies(a: PeriodTally, b: PeriodTally): number {
  if (a.period !== b.period) return a.period - b.period;
  for (const key of tieBreakers) {
    const difference = safeUnits(a[key]) - safeUnits(b[key]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The tallies oldest first. Sums depend on the order of their terms in the last bit, and the order of observations must not matter. */
function inOrder(tallies: readonly PeriodTally[]): readonly PeriodTally[] {
  let previous = Number.NEGATIVE_INFINITY;
  for (const tally of tallies) {
    if (!(Number.isFinite(tally.period) && tally.period > previous)) {
      return tallies.filter((each) => Number.isFinite(each.period)).sort(compareTallies);
    }
    previous = tally.period;
  }
  return tallies;
}

/** Fills the rows with a series' tallies. The rows must have room for them. */
export function fillPeriodRows(rows: PeriodRows, tallies: readonly PeriodTally[]): void {
  const ordered = inOrder(tallies);
  rows.skipped = tallies.length - ordered.length;
  let index = 0;
  for (const tally of ordered) {
    const requests = safeUnits(tally.requests);
    const units = safeUnits(tally.attemptedUnits);
    // Requests without a volume still happened: each counts as one unit.
    const isByCount = units === 0 && requests > 0;
    const attempted = isByCount ? requests : units;
    const rateLimited = clamp(isByCount ? tally.rateLimitedCount : tally.rateLimitedUnits, attempted);
    const failed = clamp(isByCount ? tally.failedCount : tally.failedUnits, attempted - rateLimited);
    rows.period[index] = tally.period;
    const declared = safeUnits(tally.declaredCapacityUnits);
    rows.declared[index] = declared;
    rows.planned[index] = tally.plannedUnits === undefined ? declared : safeUnits(tally.plannedUnits);
    rows.hours[index] = safeUnits(tally.hours);
    rows.served[index] = attempted - rateLimited - failed;
    rows.completed[index] = safeUnits(tally.completedUnits);
    rows.rateLimited[index] = rateLimited;
    rows.failed[index] = failed;
    rows.requests[index] = requests;
    rows.okCount[index] = safeUnits(tally.okCount);
    rows.rateLimitedCount[index] = safeUnits(tally.rateLimitedCount);
    rows.failedCount[index] = safeUnits(tally.failedCount);
    // Not known is not none: one that passed stands for all.
    const checked = tally.checkedCount === undefined ? 1 : safeUnits(tally.checkedCount);
    rows.checked[index] = checked;
    rows.passed[index] = tally.checkedCount === undefined ? 1 : clamp(tally.passedCount, checked);
    rows.waiting[index] = safeUnits(tally.waitingCount);
    index += 1;
  }
  rows.length = index;
}

/** What a row's volumes are to be multiplied with to be those of a period of the usual length. */
export function toUsualLength(rows: PeriodRows, index: number, periodsPerHour: number): number {
  const hours = rows.hours[index] ?? 0;
  return hours === 0 ? 1 : 1 / (hours * periodsPerHour);
}
