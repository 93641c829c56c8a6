import { clamp } from "../numbers.js";
import type { PeriodRows } from "../period-rows.js";
import { power } from "../power.js";
import type { AveragePeriodScore } from "../stages/average-period-score.js";
import type { ReferenceAverageParams, ReferenceParams } from "./reference-params.js";
import { referencePeriodScore } from "./reference-period-score.js";

/**
 * Average of period scores as the reference computes it, with its hole: weighted by completed volume.
 *
 * Source: facts on the reference subnet, section 1.7.
 *
 * @param newestFirst - Scored periods; `completedUnits` in work units.
 */
export function referenceAverage(
  newestFirst: readonly { readonly periodScore: number; readonly completedUnits: number }[],
  params: ReferenceAverageParams,
): number {
  const total = newestFirst.reduce((sum, row) => sum + row.completedUnits, 0);
  if (newestFirst.length === 0 || total === 0) return 0;
  let weighted = 0;
  let weights = 0;
  newestFirst.forEach((row, index) => {
    const weight = (row.completedUnits / total) * power(1 - params.decayPerRow, index);
    weighted += row.periodScore * weight;
    weights += weight;
  });
  if (weights === 0) return 0;
  return (weighted / weights) * referenceNewcomerFactor(newestFirst.length, params.newcomer);
}

/** The reference's discount for a short record, by its number of rows. */
function referenceNewcomerFactor(rows: number, newcomer: ReferenceAverageParams["newcomer"]): number {
  if (newcomer.kind === "step") return rows > newcomer.rows ? 1 : newcomer.factor;
  return 1 - Math.max(0, 1 - rows / newcomer.rows) * newcomer.discount;
}

/** Average of one series as a preset has it. */
export function averageByReference(
  rows: PeriodRows,
  params: Pick<ReferenceParams, "average" | "periodScore">,
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
      params.periodScore.failurePower,
    );
    if (score === null) continue;
    newestFirst.push({ period: rows.period[index] ?? 0, periodScore: clamp(score, 1), completedUnits: rows.completed[index] ?? 0 });
  }
  const weights = newestFirst.map((row, index) => row.completedUnits * power(1 - params.average.decayPerRow, index));
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
