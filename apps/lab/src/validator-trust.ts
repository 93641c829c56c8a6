import { runEpochs, type WeightRows } from "./run-epochs.js";
import { createSubnet, type Subnet, scoredHours, weightsOf } from "./subnet.js";
import type { World } from "./world.js";

/** What a validator does: measures and sets what it found, doubles one miner's weight, or sets what the first one has set before. */
export type ValidatorKind = "measures" | "favours" | "copies";

type Validator = { readonly kind: ValidatorKind; readonly stakeFraction: number };

/** Validators of one subnet. */
type Bench = { readonly name: string; readonly validators: readonly Validator[] };

const measuring = (...stakes: readonly number[]): readonly Validator[] =>
  stakes.map((stakeFraction) => ({ kind: "measures", stakeFraction }));

const benches: readonly Bench[] = [
  { name: "one", validators: measuring(1) },
  { name: "three", validators: measuring(1 / 3, 1 / 3, 1 / 3) },
  { name: "three of unequal stake", validators: measuring(0.6, 0.3, 0.1) },
  { name: "one copies", validators: [...measuring(0.4, 0.4), { kind: "copies", stakeFraction: 0.2 }] },
  { name: "one favours a miner", validators: [...measuring(0.3, 0.25), { kind: "favours", stakeFraction: 0.45 }] },
];

/** How the chain sees one validator, over all epochs and seeds. */
export type ValidatorResult = {
  /** The validators that it is one of. */
  readonly bench: string;
  readonly kind: ValidatorKind;
  readonly stakeFraction: number;
  /** Share of its weight that consensus kept (vtrust), 0 to 1: mean, and of the epoch with the least. */
  readonly trust: number;
  readonly lowestTrust: number;
  /** Its dividends, of what its stake alone would be paid. */
  readonly dividendsPerStake: number;
};

/** Fresh validators know little: the first half day is left out. */
export const VALIDATORS_FROM_HOUR = 12;
const MINER_FAVOURED = 1;
const FAVOUR_FACTOR = 2;

/**
 * How far validators of an honest subnet agree, by the chain's own consensus: each measures by plans and checks of its own, scores, and sets
 * weights whenever the lab sets them; an epoch of Yuma follows. The miners' machines are shared evenly among the validators that measure.
 */
export function evaluateValidators(world: World, seeds: readonly number[]): readonly ValidatorResult[] {
  // Not the subnets themselves: what was observed in those of 64 miners with users takes a gigabyte each.
  const known = new Map<string, readonly WeightRows[]>();
  const measuredBy = (validators: number, seed: number): readonly WeightRows[] => {
    const key = `${validators} ${seed}`;
    const measured = known.get(key) ?? measuredWeights(createSubnet({ ...world, validators }, seed));
    known.set(key, measured);
    return measured;
  };
  return benches.flatMap(({ name, validators }) => {
    const stakes = validators.map(({ stakeFraction }) => stakeFraction);
    const measuring = validators.filter(({ kind }) => kind !== "copies").length;
    const outcomes = seeds.flatMap((seed) => {
      const measured = measuredBy(measuring, seed);
      const epochs = measured.map((rows, at) => toWeightRows(validators, rows, measured[at - 1] ?? rows));
      return runEpochs(stakes, epochs).filter((_, at) => (scoredHours(world)[at] ?? 0) >= VALIDATORS_FROM_HOUR);
    });
    return validators.map(({ kind, stakeFraction }, index) => {
      const trusts = outcomes.map((epoch) => (epoch[index]?.validatorTrustU16 ?? 0) / 65_535);
      const dividends = outcomes.map((epoch) => (epoch[index]?.dividendsU16 ?? 0) / 65_535);
      return {
        ...{ bench: name, kind, stakeFraction },
        trust: mean(trusts),
        lowestTrust: Math.min(...trusts),
        dividendsPerStake: mean(dividends) / stakeFraction,
      };
    });
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What each measuring validator found, at each hour in which weights are set. */
function measuredWeights({ world, miners }: Subnet): readonly WeightRows[] {
  return scoredHours(world).map((_, at) =>
    Array.from({ length: world.validators }, (_validator, validator) => weightsOf(world, miners, { at, validator })),
  );
}

/** What each validator sets: who copies sets what the first one set in the epoch before. */
function toWeightRows(validators: readonly Validator[], measured: WeightRows, before: WeightRows): WeightRows {
  let next = 0;
  return validators.map(({ kind }) => {
    if (kind === "copies") return before[0] ?? [];
    const own = measured[next] ?? [];
    next += 1;
    return kind === "favours" ? own.map((weight, miner) => (miner === MINER_FAVOURED ? FAVOUR_FACTOR * weight : weight)) : own;
  });
}
