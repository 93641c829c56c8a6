import { correlation, rankCorrelation } from "./statistics.js";
import { createSubnet, incomes, runHonestSelf, type ScoredOperator } from "./subnet.js";
import { SCORED_EVERY_HOURS, sizesOf, type World } from "./world.js";

/** How well a subnet of honest miners is paid by what they can do. */
export type PopulationResult = {
  /** Spearman's correlation of income with capacity, mean over the seeds; quality and speed are alike. */
  readonly incomeByCapacity: number;
  /** Pearson's correlation of two fresh validators' effective volumes from hour 12 on; 1 for one validator. */
  readonly validatorsAgree: number;
  /** Hours until a newcomer's effective volume is at least 0.9 of the true one; the median over all miners and seeds. */
  readonly hoursToTrueVolume: number;
};

/** Looks at the honest miners of a world, once for each seed. */
export function evaluatePopulation(world: World, seeds: readonly number[]): PopulationResult {
  const sizes = [...sizesOf(world), 1];
  const byCapacity: number[] = [];
  const agreement: number[] = [];
  const hours: number[] = [];
  for (const seed of seeds) {
    const subnet = createSubnet(world, seed);
    const seat = runHonestSelf(subnet);
    const rows = incomes(subnet, seat);
    const means = sizes.map((_, owner) => rows.reduce((sum, row) => sum + (row[owner] ?? 0), 0) / rows.length);
    byCapacity.push(rankCorrelation(means, sizes));
    const all = [...subnet.miners, seat];
    if (world.validators > 1) agreement.push(validatorsAgree(all));
    hours.push(...all.map(hoursToTrueVolume));
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    incomeByCapacity: mean(byCapacity),
    validatorsAgree: agreement.length > 0 ? mean(agreement) : 1,
    hoursToTrueVolume: [...hours].sort((a, b) => a - b)[Math.floor(hours.length / 2)] ?? Number.NaN,
  };
}

function volumeAt(operator: ScoredOperator, at: number, validator: number): number {
  const volumes = operator.volumes[at] ?? [];
  return volumes.reduce((sum, volume) => sum + (volume.validator === validator ? volume.effectiveVolume : 0), 0);
}

function validatorsAgree(operators: readonly ScoredOperator[]): number {
  const first: number[] = [];
  const second: number[] = [];
  const count = operators[0]?.volumes.length ?? 0;
  for (let at = Math.ceil(12 / SCORED_EVERY_HOURS); at < count; at += 1) {
    for (const operator of operators) {
      first.push(volumeAt(operator, at, 0));
      second.push(volumeAt(operator, at, 1));
    }
  }
  return correlation(first, second);
}

function hoursToTrueVolume({ record, volumes }: ScoredOperator): number {
  const index = volumes.findIndex((row, at) => {
    const declared = record.series.reduce((sum, { declaredPerHour }) => sum + (declaredPerHour[at * SCORED_EVERY_HOURS] ?? 0), 0);
    return row.reduce((sum, { effectiveVolume }) => sum + effectiveVolume, 0) >= 0.9 * declared;
  });
  return index === -1 ? Number.POSITIVE_INFINITY : index * SCORED_EVERY_HOURS + 1;
}
