import type { Task } from "@vision/protocol";
import type { ServedTask } from "./settings.js";
import type { WorkUnitBudget } from "./work-unit-budget.js";

/** What a miner remembers of one validator. */
export type KnownValidator = {
  readonly address: string;
  stakeRao: bigint;
  lastSeenMs: number;
  /** Definitions that the validator offered of tasks that this miner serves, by task id; `null` for one that we mean something else by. */
  offeredTasks: ReadonlyMap<string, Task | null>;
  /** Tasks as they were when the validator was told their capacity, by task id. */
  readonly toldTasks: Map<string, ServedTask>;
  /** By task id, or by the pool that tasks share. */
  readonly budgets: Map<string, WorkUnitBudget>;
};

/** The validators that used the miner lately. */
export type ValidatorRegistry = {
  /** The validator's entry, marked as seen now. */
  touch(address: string, stakeRao: bigint, nowMs: number): KnownValidator;
  /** Stakes of the validators seen within the window, RAO. */
  activeStakesRao(nowMs: number): readonly bigint[];
};

/** How long and how many validators are remembered. */
export type ValidatorRegistryOptions = {
  /** How long after its last request a validator counts as active, milliseconds. */
  readonly activeWindowMs: number;
  readonly maxValidators: number;
};

/** A registry in memory, bounded: whoever has been silent for longest is forgotten first. */
export function createValidatorRegistry({ activeWindowMs, maxValidators }: ValidatorRegistryOptions): ValidatorRegistry {
  // In order of last use: touching an entry moves it to the end.
  const validators = new Map<string, KnownValidator>();
  return {
    touch(address, stakeRao, nowMs) {
      const unknown = { offeredTasks: new Map(), toldTasks: new Map(), budgets: new Map() };
      const known = validators.get(address) ?? { address, stakeRao, lastSeenMs: nowMs, ...unknown };
      known.stakeRao = stakeRao;
      known.lastSeenMs = nowMs;
      validators.delete(address);
      const [oldest] = validators.keys();
      if (validators.size >= maxValidators && oldest !== undefined) validators.delete(oldest);
      validators.set(address, known);
      return known;
    },
    activeStakesRao: (nowMs) =>
      [...validators.values()].filter(({ lastSeenMs }) => lastSeenMs >= nowMs - activeWindowMs).map(({ stakeRao }) => stakeRao),
  };
}
