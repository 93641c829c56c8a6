import { paidTaskFraction, taskShares, VISION } from "@vision/scoring";
import { effectiveVolumes, targets, taskWeightsOf, type Volume } from "./effective-volumes.js";
import { type OperatorRecord, simulateOperator } from "./simulate-operator.js";
import { honest } from "./strategies/honest.js";
import { SCORED_EVERY_HOURS, sizesOf, type World } from "./world.js";

/** One operator's record and its effective volumes, at each hour in which weights are set. */
export type ScoredOperator = { readonly record: OperatorRecord; readonly volumes: readonly (readonly Volume[])[] };

/** What decides what an operator earns. */
export type Earner = Pick<ScoredOperator, "volumes">;

/** The honest miners of a subnet, the first of which is the twin of whoever takes the last seat. */
export type Subnet = { readonly world: World; readonly seed: number; readonly miners: readonly ScoredOperator[] };

/** Hours at whose end weights are set. */
export function scoredHours(world: World): readonly number[] {
  return Array.from({ length: Math.floor(world.hours / SCORED_EVERY_HOURS) }, (_, index) => index * SCORED_EVERY_HOURS);
}

/** Runs and scores one operator. */
export function runOperator(options: Parameters<typeof simulateOperator>[0]): ScoredOperator {
  const record = simulateOperator(options);
  return { record, volumes: scoredHours(options.world).map((hour) => effectiveVolumes(record, options.world, hour)) };
}

/** The honest miners of a world. */
export function createSubnet(world: World, seed: number): Subnet {
  const miners = sizesOf(world).map((size, index) =>
    // Busy and idle miners side by side; the twin sees the mean.
    runOperator({ strategy: honest, world, seed, name: `miner-${index}`, size, userFactor: index === 0 ? 1 : (index % 2) * 2 }),
  );
  return { world, seed, miners };
}

/** The honest strategy in the seat that strategies are tried in; others of the same size by their number. */
export function runHonestSelf({ world, seed }: Pick<Subnet, "world" | "seed">, number = 0): ScoredOperator {
  return runOperator({ strategy: honest, world, seed, name: number === 0 ? "seat" : `seat-${number}`, size: 1, userFactor: 1 });
}

/** The operator with so many times its machines, all of them used alike. */
export function withHardware(operator: Earner, times: number): Earner {
  const scaled = (volume: Volume) => ({ ...volume, effectiveVolume: volume.effectiveVolume * times });
  return { volumes: operator.volumes.map((row) => row.map(scaled)) };
}

/** What one validator would set at one of the hours in which weights are set: shares of the whole by operator; all 0 where nobody earned anything. */
export function weightsOf(
  world: World,
  operators: readonly Earner[],
  { at, validator }: { readonly at: number; readonly validator: number },
): readonly number[] {
  const overall = new Array<number>(operators.length).fill(0);
  for (const [taskId, weight] of Object.entries(taskWeightsOf(world))) {
    const owners: number[] = [];
    const volumes: number[] = [];
    operators.forEach((operator, owner) => {
      for (const volume of operator.volumes[at] ?? []) {
        if (volume.validator !== validator || volume.taskId !== taskId) continue;
        owners.push(owner);
        volumes.push(volume.effectiveVolume);
      }
    });
    const full = VISION.fullTaskStreams * 3600 * (targets[taskId]?.unitsPerSecond ?? 0);
    const paid =
      weight *
      paidTaskFraction(
        volumes.reduce((sum, volume) => sum + volume, 0),
        full,
      );
    taskShares(volumes, VISION.shareExponent).forEach((share, index) => {
      overall[owners[index] ?? 0] = (overall[owners[index] ?? 0] ?? 0) + paid * share;
    });
  }
  const total = overall.reduce((sum, value) => sum + value, 0);
  return overall.map((value) => (total > 0 ? value / total : 0));
}

/** What everybody earns: shares of the whole by operator, one row for each hour in which weights are set, means over the validators. */
export function incomes(
  { world, miners }: { readonly world: World; readonly miners: readonly Earner[] },
  seat: Earner,
): readonly (readonly number[])[] {
  const all = [...miners, seat];
  return scoredHours(world).map((_, at) => {
    const income = new Array<number>(all.length).fill(0);
    for (let validator = 0; validator < world.validators; validator += 1) {
      weightsOf(world, all, { at, validator }).forEach((weight, owner) => {
        income[owner] = (income[owner] ?? 0) + weight / world.validators;
      });
    }
    return income;
  });
}
