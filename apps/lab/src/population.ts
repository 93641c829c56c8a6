import { speedFactor } from "@vision/scoring";
import { targets } from "./effective-volumes.js";
import { createDraws } from "./random.js";
import { correlation, rankCorrelation } from "./statistics.js";
import { honest } from "./strategies/honest.js";
import { createSubnet, incomes, runHonestSelf, runOperator, type ScoredOperator } from "./subnet.js";
import { SCORED_EVERY_HOURS, type World } from "./world.js";

/** How well a subnet of honest miners is paid by what they can do. */
export type PopulationResult = {
  /** Spearman's correlation of income with capacity x quality x speed, mean over the seeds; see {@link incomeByWorth}. */
  readonly incomeByWorth: number;
  /** Pearson's correlation of two fresh validators' effective volumes from hour 12 on; 1 for one validator. */
  readonly validatorsAgree: number;
  /** Hours until a newcomer's effective volume is at least 0.9 of the true one; the median over all miners and seeds. */
  readonly hoursToTrueVolume: number;
};

/** Looks at the honest miners of a world, once for each seed. */
export function evaluatePopulation(world: World, seeds: readonly number[]): PopulationResult {
  const byWorth: number[] = [];
  const agreement: number[] = [];
  const hours: number[] = [];
  for (const seed of seeds) {
    const subnet = createSubnet(world, seed);
    const seat = runHonestSelf(subnet);
    byWorth.push(incomeByWorth(world, seed));
    const all = [...subnet.miners, seat];
    if (world.validators > 1) agreement.push(validatorsAgree(all));
    hours.push(...all.map(hoursToTrueVolume));
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    incomeByWorth: mean(byWorth),
    validatorsAgree: agreement.length > 0 ? mean(agreement) : 1,
    hoursToTrueVolume: [...hours].sort((a, b) => a - b)[Math.floor(hours.length / 2)] ?? Number.NaN,
  };
}

/**
 * Spearman's correlation of income with what honest miners are worth: capacity x share of right answers x speed factor.
 *
 * All of them differ in all three, because ranks of equals are drawn by chance: 0.5 to 4 machines, 99 to 100 % right, 0.6 to 1.6 times the
 * target's pace. As in every subnet of the lab one half of them has twice the users, the other half none.
 */
export function incomeByWorth(world: World, seed: number): number {
  const draws = createDraws(seed, "worth");
  const target = targets[world.taskIds[0] ?? ""];
  if (target === undefined) throw new Error("The lab's world has no task with a target.");
  const miners = Array.from({ length: world.miners }, (_, index) => {
    const size = 0.5 * 8 ** draws.next();
    const passFraction = 0.99 + 0.01 * draws.next();
    const speed = 0.6 + draws.next();
    const strategy = { ...honest, answer: () => ({ passFraction, speed }) };
    const atPace = { firstTokenMs: target.firstTokenMs / speed, durationMs: (2 * target.firstTokenMs) / speed };
    const units = (target.firstTokenMs * target.unitsPerSecond) / 1000;
    return {
      worth: size * passFraction * speedFactor({ ...atPace, units }, target),
      operator: runOperator({ strategy, world, seed, name: `worth-${index}`, size, userFactor: (index % 2) * 2 }),
    };
  });
  const operators = miners.map(({ operator }) => operator);
  const [seat] = operators.slice(-1);
  if (seat === undefined) return 0;
  const rows = incomes({ world, miners: operators.slice(0, -1) }, seat);
  const means = miners.map((_, owner) => rows.reduce((sum, row) => sum + (row[owner] ?? 0), 0) / rows.length);
  return rankCorrelation(
    means,
    miners.map(({ worth }) => worth),
  );
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
