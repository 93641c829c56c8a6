import { type Estimate, estimateRatio } from "./statistics.js";
import type { Strategy } from "./strategy.js";
import {
  createSubnet,
  type Earner,
  incomes,
  runHonestSelf,
  runOperator,
  type ScoredOperator,
  type Subnet,
  withHardware,
} from "./subnet.js";
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
  /**
   * What is held to the bound: against itself being honest on the same seeds, with as many machines as it paid for in the mean, each
   * behind a hotkey of its own.
   */
  readonly income: Estimate;
  /** What the other miners earn, of what they earn beside an honest one. */
  readonly bystanders: Estimate;
  /** Hours until its effective volume stays above 0.9 of its mean of the last two days; the median over seeds. */
  readonly hoursToConverge: number;
  /** Requests that validators sent of their own, of what was declared. */
  readonly probedFraction: number;
};

/** A subnet without what was observed in it: with users, 64 miners in the worlds of all strategies have gigabytes of that. */
type KnownSubnet = Omit<Subnet, "miners"> & { readonly miners: readonly Earner[] };

/** Subnets of honest miners, and honest operators for the seat, kept: every strategy of one world and seed meets the same ones. */
export type SubnetCache = Map<string, { readonly subnet: KnownSubnet; readonly selves: Earner[] }>;

const onlyEarner = ({ volumes }: Earner): Earner => ({ volumes });

function createKnownSubnet(world: World, seed: number): KnownSubnet {
  const subnet = createSubnet(world, seed);
  return { ...subnet, miners: subnet.miners.map(onlyEarner) };
}

function subnetOf(world: World, seed: number, cache: SubnetCache) {
  const key = `${seed} ${JSON.stringify(world)}`;
  const created = cache.get(key) ?? { subnet: createKnownSubnet(world, seed), selves: [] };
  cache.set(key, created);
  return created;
}

/** Mean share of the seat, were it so many machines of honest operators: one for each whole machine, a part of one below that. */
function honestIncome({ subnet, selves }: ReturnType<typeof subnetOf>, machines: number): number {
  const count = Math.max(1, Math.round(machines));
  while (selves.length < count) selves.push(onlyEarner(runHonestSelf(subnet, selves.length)));
  // Shares are relative: less hardware earns more for an hour of it than more does beside the same others, most among few.
  const seats = selves.slice(0, count).map((self) => withHardware(self, machines / count));
  const [last] = seats.slice(-1);
  if (last === undefined) return 0;
  const rows = incomes({ ...subnet, miners: [...subnet.miners, ...seats.slice(0, -1)] }, last);
  return seats.reduce((sum, _, index) => sum + columnMean(rows, subnet.miners.length + index), 0);
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
  const perHour: number[] = [];
  const twins: number[] = [];
  const selves: number[] = [];
  const others: number[] = [];
  const othersBesideHonest: number[] = [];
  const converged: number[] = [];
  let probed = 0;
  let declared = 0;
  for (const seed of options.seeds) {
    const known = subnetOf(world, seed, cache);
    const { subnet } = known;
    const seat = runOperator({ strategy, world, seed, name: "seat", size, userFactor: 1 });
    const rows = incomes(subnet, seat);
    const income = columnMean(rows, subnet.miners.length);
    const machines = Math.max(seat.record.hardwareHours, 1e-9) / world.hours;
    own.push(income);
    perHour.push(income / machines);
    twins.push(columnMean(rows, 0));
    selves.push(honestIncome(known, machines));
    others.push(1 - income);
    othersBesideHonest.push(1 - honestIncome(known, 1));
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
    againstTwin: estimateRatio(perHour, twins),
    income: estimateRatio(own, selves),
    bystanders: estimateRatio(others, othersBesideHonest),
    hoursToConverge: median(converged),
    probedFraction: declared > 0 ? probed / declared : 0,
  };
}
