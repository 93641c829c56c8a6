import type { Decay } from "../decay.js";
import { clamp } from "../numbers.js";
import type { AverageParams, PeriodScoreParams } from "../params.js";
import type { PeriodRows } from "../period-rows.js";
import { missCharge, referencePeriodScore, unservedFraction } from "./period-score.js";

/** The average of one series with what it was made from. */
export type AveragePeriodScore = {
  readonly periods: readonly number[];
  readonly periodScores: readonly number[];
  /** Sums to 1, or all 0. */
  readonly periodWeights: readonly number[];
  readonly dataHours: number;
  readonly newcomerFactor: number;
  /** 0 to 1, newcomer factor included. */
  readonly averagePeriodScore: number;
};

/**
 * Average of period scores as the reference computes it, with its hole: weighted by completed volume.
 *
 * Source: facts on the reference subnet, section 1.7.
 *
 * @param newestFirst - Scored periods; `completedUnits` in work units.
 */
export function referenceAverage(
  newestFirst: readonly { readonly periodScore: number; readonly completedUnits: number }[],
  params: Extract<AverageParams, { kind: "reference" }>,
): number {
  const total = newestFirst.reduce((sum, row) => sum + row.completedUnits, 0);
  if (newestFirst.length === 0 || total === 0) return 0;
  let weighted = 0;
  let weights = 0;
  newestFirst.forEach((row, index) => {
    const weight = (row.completedUnits / total) * (1 - params.decayPerRow) ** index;
    weighted += row.periodScore * weight;
    weights += weight;
  });
  if (weights === 0) return 0;
  return (weighted / weights) * referenceNewcomerFactor(newestFirst.length, params.newcomer);
}

/** The reference's discount for a short record, by its number of rows. */
export function referenceNewcomerFactor(rows: number, newcomer: Extract<AverageParams, { kind: "reference" }>["newcomer"]): number {
  if (newcomer.kind === "step") return rows > newcomer.rows ? 1 : newcomer.factor;
  return 1 - Math.max(0, 1 - rows / newcomer.rows) * newcomer.discount;
}

function averageByReference(
  rows: PeriodRows,
  params: { readonly average: Extract<AverageParams, { kind: "reference" }>; readonly failurePower: number },
  periodsPerHour: number,
): AveragePeriodScore {
  const newestFirst: { period: number; periodScore: number; completedUnits: number }[] = [];
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const score = referencePeriodScore(
      {
        requests: rows.requests[index] ?? 0,
        declaredUnits: rows.declared[index] ?? 0,
        completedUnits: rows.completed[index] ?? 0,
        rateLimitedCount: rows.rateLimitedCount[index] ?? 0,
        failedCount: rows.failedCount[index] ?? 0,
      },
      params.failurePower,
    );
    if (score === null) continue;
    newestFirst.push({ period: rows.period[index] ?? 0, periodScore: clamp(score, 1), completedUnits: rows.completed[index] ?? 0 });
  }
  const weights = newestFirst.map((row, index) => row.completedUnits * (1 - params.average.decayPerRow) ** index);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const oldestFirst = [...newestFirst].reverse();
  return {
    periods: oldestFirst.map((row) => row.period),
    periodScores: oldestFirst.map((row) => row.periodScore),
    periodWeights: weights.reverse().map((weight) => (sum > 0 ? weight / sum : 0)),
    dataHours: newestFirst.length / periodsPerHour,
    newcomerFactor: referenceNewcomerFactor(newestFirst.length, params.average.newcomer),
    averagePeriodScore: clamp(referenceAverage(newestFirst, params.average), 1),
  };
}

/** The first `count` period numbers as an array; the same one again if nothing changed since the last series: most were tried in the same periods. */
function sharedPeriods(rows: PeriodRows, count: number): readonly number[] {
  const { scratch } = rows;
  const last = scratch.lastPeriods;
  let isSame = last.length === count;
  for (let index = 0; isSame && index < count; index += 1) isSame = last[index] === scratch.periods[index];
  if (!isSame) scratch.lastPeriods = scratch.periods.slice(0, count);
  return scratch.lastPeriods;
}

/**
 * Average of the period scores of one miner at one task.
 *
 * A period's weight is its charged volume (what was served plus what the misses cost) times its age's decay. The average is then
 * served volume over charged volume: one more good answer can only raise it, whichever period it falls in. Weights of plain attempted
 * volume do not have that property (see the counter-example in the tests).
 *
 * @param decay - By age in periods, counted from the newest row, so that a pause loses nothing to rounding.
 */
export function averagePeriodScore(
  rows: PeriodRows,
  params: { readonly periodScore: PeriodScoreParams; readonly average: AverageParams },
  time: { readonly decay: Decay; readonly periodsPerHour: number },
): AveragePeriodScore {
  const { periodScore: scoring, average } = params;
  if (average.kind === "reference") {
    const failurePower = scoring.kind === "reference" ? scoring.failurePower : 1;
    return averageByReference(rows, { average, failurePower }, time.periodsPerHour);
  }
  const charging = scoring.kind === "charged-volume" ? scoring : ({ kind: "charged-volume", failureSeverity: 0, refusalPower: 2 } as const);
  const { periods, periodScores, periodWeights } = rows.scratch;
  const newest = rows.period[rows.length - 1] ?? 0;
  let count = 0;
  let servedSum = 0;
  let chargedSum = 0;
  let periodsWithAnswers = 0;
  const misses = { failedUnits: 0, rateLimitedUnits: 0 };
  for (let index = 0; index < rows.length; index += 1) {
    const served = rows.served[index] ?? 0;
    misses.failedUnits = rows.failed[index] ?? 0;
    misses.rateLimitedUnits = rows.rateLimited[index] ?? 0;
    const charged = served + missCharge(misses, unservedFraction(served, rows.declared[index] ?? 0), charging);
    if (charged === 0) continue;
    const period = rows.period[index] ?? 0;
    const weight = time.decay(newest - period);
    periods[count] = period;
    periodScores[count] = served / charged;
    periodWeights[count] = charged * weight;
    servedSum += served * weight;
    chargedSum += charged * weight;
    if (served > 0) periodsWithAnswers += 1;
    count += 1;
  }
  for (let index = 0; index < count; index += 1) {
    periodWeights[index] = chargedSum > 0 ? (periodWeights[index] ?? 0) / chargedSum : 0;
  }
  const dataHours = periodsWithAnswers / time.periodsPerHour;
  const newcomerFactor = 1 - average.newcomerDiscount * Math.max(0, 1 - dataHours / average.newcomerHours);
  return {
    periods: sharedPeriods(rows, count),
    periodScores: periodScores.slice(0, count),
    periodWeights: periodWeights.slice(0, count),
    dataHours,
    newcomerFactor,
    averagePeriodScore: chargedSum > 0 ? clamp((servedSum / chargedSum) * newcomerFactor, 1) : 0,
  };
}
