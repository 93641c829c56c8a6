import type { Decay } from "../decay.js";
import { clamp } from "../numbers.js";
import type { AverageParams, PeriodScoreParams } from "../params.js";
import type { PeriodRows } from "../period-rows.js";
import { missCharge, unservedFraction } from "./period-score.js";

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
  const { periodScore: charging, average } = params;
  const { periods, periodScores, periodWeights } = rows.scratch;
  const newest = rows.period[rows.length - 1] ?? 0;
  let count = 0;
  let servedSum = 0;
  let chargedSum = 0;
  let firstAnswered = Number.NaN;
  let lastAnswered = Number.NaN;
  const misses = { failedUnits: 0, rateLimitedUnits: 0 };
  for (let index = 0; index < rows.length; index += 1) {
    const served = rows.served[index] ?? 0;
    misses.failedUnits = rows.failed[index] ?? 0;
    misses.rateLimitedUnits = rows.rateLimited[index] ?? 0;
    const hasMisses = misses.failedUnits > 0 || misses.rateLimitedUnits > 0;
    const charged = hasMisses ? served + missCharge(misses, unservedFraction(served, rows.declared[index] ?? 0), charging) : served;
    if (charged === 0) continue;
    const period = rows.period[index] ?? 0;
    const weight = time.decay(newest - period);
    periods[count] = period;
    periodScores[count] = served / charged;
    periodWeights[count] = charged * weight;
    servedSum += served * weight;
    chargedSum += charged * weight;
    if (served > 0) {
      if (Number.isNaN(firstAnswered)) firstAnswered = period;
      lastAnswered = period;
    }
    count += 1;
  }
  for (let index = 0; index < count; index += 1) {
    periodWeights[index] = chargedSum > 0 ? (periodWeights[index] ?? 0) / chargedSum : 0;
  }
  // From the first period with an answer to the last one: a small miner is not asked in every period.
  const dataHours = Number.isNaN(firstAnswered) ? 0 : (lastAnswered - firstAnswered + 1) / time.periodsPerHour;
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
