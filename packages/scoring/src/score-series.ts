import { newestFaults } from "./answer-faults.js";
import type { Mechanism, SpeedOf } from "./mechanism.js";
import { MAX_UNITS, safeUnits } from "./numbers.js";
import type { MinerTaskSeries } from "./observation.js";
import { fillPeriodRows, type PeriodRows } from "./period-rows.js";
import type { MinerTaskReport, ScoringProblem } from "./report.js";

/** A miner's report at one task in the making: its shares are 0 until it is compared with the other miners'. */
export type SeriesScore = { -readonly [Key in keyof MinerTaskReport]: MinerTaskReport[Key] };

/** What every series of a task is scored with. */
export type SeriesContext = {
  readonly mechanism: Mechanism;
  readonly speedOf: SpeedOf;
  /** Scratch space with room for the longest series. */
  readonly rows: PeriodRows;
  /** Receives what could not be taken as it came. */
  readonly problems: ScoringProblem[];
};

function describe(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value).slice(0, 40);
}

function readDeclared(value: unknown, report: (message: string) => void): number {
  const declared = safeUnits(value);
  if (value === 0) return 0;
  if (declared === 0) report(`declared capacity was ${describe(value)}, counted as 0`);
  else if (declared !== value) report(`declared capacity was ${describe(value)}, counted as ${MAX_UNITS}`);
  return declared;
}

function sum(column: Float64Array, length: number): number {
  let total = 0;
  for (let index = 0; index < length; index += 1) total += column[index] ?? 0;
  return total;
}

/** Scores one miner at one task on its own. Nothing in here can see another miner, so nothing that one sends can touch another's score. */
export function scoreSeries(series: MinerTaskSeries, context: SeriesContext): SeriesScore {
  const { mechanism, speedOf, rows } = context;
  const report = (message: string) => {
    context.problems.push({ hotkey: series.hotkey, taskId: series.taskId, message });
  };
  const declared = readDeclared(series.declaredCapacityPerHour, report);
  fillPeriodRows(rows, series.periods);
  if (rows.skipped > 0) report(`${rows.skipped} period tallies without a usable period number were left out`);
  const { length } = rows;
  const served = sum(rows.served, length);
  const completed = sum(rows.completed, length);
  const missed = sum(rows.rateLimited, length) + sum(rows.failed, length);
  mechanism.verify(rows);
  const average = mechanism.average(rows);
  const credit = mechanism.credit(rows, declared);
  const checked = mechanism.quality(series.samples, speedOf);
  if (checked.skipped > 0) report(`${checked.skipped} answer samples without a usable period number were left out`);
  return {
    hotkey: series.hotkey,
    taskId: series.taskId,
    declaredCapacityPerHour: declared,
    periods: average.periods,
    periodScores: average.periodScores,
    periodWeights: average.periodWeights,
    dataHours: average.dataHours,
    newcomerFactor: average.newcomerFactor,
    averagePeriodScore: average.averagePeriodScore,
    requests: sum(rows.requests, length),
    okCount: sum(rows.okCount, length),
    rateLimitedCount: sum(rows.rateLimitedCount, length),
    failedCount: sum(rows.failedCount, length),
    attemptedUnits: served + missed,
    completedUnits: completed,
    // Named one by one: taking one out of them, or copying them by a spread, costs as much as adding up a record.
    sampleCount: checked.sampleCount,
    waitingCount: sum(rows.waiting, length),
    meanVerdict: checked.meanVerdict,
    meanHourVerdict: checked.meanHourVerdict,
    meanSpeedFactor: checked.meanSpeedFactor,
    sampleConfidence: checked.sampleConfidence,
    quality: checked.quality,
    evidence: checked.evidence,
    faults: newestFaults(series.samples),
    provenCapacityPerHour: credit.provenCapacityPerHour,
    triedCapacityPerHour: credit.triedCapacityPerHour,
    meanDeclaredPerHour: credit.meanDeclaredPerHour,
    missedCapacityPerHour: credit.missedCapacityPerHour,
    headroomFactor: credit.headroomFactor,
    claimFactor: credit.claimFactor,
    recentServedFraction: credit.recentServedFraction,
    creditedCapacityPerHour: credit.creditedCapacityPerHour,
    effectiveVolume: checked.quality * average.averagePeriodScore * credit.creditedCapacityPerHour,
    share: 0,
    taskScore: 0,
  };
}
