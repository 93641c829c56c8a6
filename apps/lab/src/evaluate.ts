import { type Estimate, estimateRatio } from "./statistics.js";
import type { Strategy } from "./strategy.js";
import { createSubnet, incomes, runHonestSelf, runOperator, type ScoredOperator, type Subnet } from "./subnet.js";
import { defaultWorld, SCORED_EVERY_HOURS, type World } from "./world.js";

/** What a strategy came to over many seeds. Ratios of 1 mean as much as honest work with the same hardware. */
export type StrategyResult = {
  readonly strategy: string;
  readonly description: string;
  readonly kind: "honest" | "attack";
  readonly isOutOfReach: boolean;
  readonly world: World;
  readonly seeds: number;
  /** Income for an hour of hardware, against the honest miner of the same size beside it. */
  readonly againstTwin: Estimate;
  /** The same, against itself being honest on the same seeds. */
  readonly againstSelf: Estimate;
  /** What is held to the bound: against itself; against the twin where the strategy is about the size of the machine. */
  readonly income: Estimate;
  /** What the other miners earn, of what they earn beside an honest one. */
  readonly bystanders: Estimate;
  /** Hours until its effective volume stays above 0.9 of its mean of the last two days; the median over seeds. */
  readonly hoursToConverge: number;
  /** Requests that validators sent of their own, of what was declared. */
  readonly probedFraction: number;
};

/** Subnets of honest miners, kept: every strategy of one world and seed meets the same ones. */
export type SubnetCache = Map<string, { readonly subnet: Subnet; readonly selfIncomes: readonly (readonly number[])[] }>;

function subnetOf(world: World, seed: number, cache: SubnetCache) {
  const key = `${seed} ${JSON.stringify(world)}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const subnet = createSubnet(world, seed);
  const created = { subnet, selfIncomes: incomes(subnet, runHonestSelf(subnet)) };
  cache.set(key, created);
  return created;
}

function columnMean(rows: readonly (readonly number[])[], column: number): number {
  return rows.reduce((sum, row) => sum + (row[column] ?? 0), 0) / rows.length;
}

function hoursToConverge(operator: ScoredOperator): number {
  const totals = operator.volumes.map((volumes) => volumes.reduce((sum, { effectiveVolume }) => sum + effectiveVolume, 0));
  const late = totals.slice(-Math.round(48 / SCORED_EVERY_HOURS));
  const level = 0.9 * (late.reduce((sum, value) => sum + value, 0) / late.length);
  const index = totals.findIndex((value) => value >= level);
  return index === -1 ? Number.POSITIVE_INFINITY : index * SCORED_EVERY_HOURS + 1;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Tries a strategy in a world, once for each seed. */
export function evaluateStrategy(
  strategy: Strategy,
  options: { readonly seeds: readonly number[]; readonly world?: Partial<World>; readonly cache?: SubnetCache },
): StrategyResult {
  const world = { ...defaultWorld, ...options.world, ...strategy.world };
  const cache = options.cache ?? new Map();
  const size = strategy.size ?? 1;
  const own: number[] = [];
  const twins: number[] = [];
  const selves: number[] = [];
  const others: number[] = [];
  const othersBesideHonest: number[] = [];
  const converged: number[] = [];
  let probed = 0;
  let declared = 0;
  for (const seed of options.seeds) {
    const { subnet, selfIncomes } = subnetOf(world, seed, cache);
    const seat = runOperator({ strategy, world, seed, name: "seat", size, userFactor: 1 });
    const rows = incomes(subnet, seat);
    const last = subnet.miners.length;
    // Per hour of hardware: whoever pays for a third of the hours has earned three times what the weight says.
    const perHardware = world.hours / Math.max(seat.record.hardwareHours, 1e-9);
    own.push(columnMean(rows, last) * perHardware);
    twins.push(columnMean(rows, 0));
    selves.push(columnMean(selfIncomes, last));
    others.push(1 - columnMean(rows, last));
    othersBesideHonest.push(1 - columnMean(selfIncomes, last));
    converged.push(hoursToConverge(seat));
    probed += seat.record.probedRequests;
    declared += seat.record.declaredRequests;
  }
  return {
    strategy: strategy.name,
    description: strategy.description,
    kind: strategy.kind,
    isOutOfReach: strategy.isOutOfReach ?? false,
    world,
    seeds: options.seeds.length,
    againstTwin: estimateRatio(own, twins),
    againstSelf: estimateRatio(own, selves),
    income: estimateRatio(own, size === 1 ? selves : twins),
    bystanders: estimateRatio(others, othersBesideHonest),
    hoursToConverge: median(converged),
    probedFraction: declared > 0 ? probed / declared : 0,
  };
}
