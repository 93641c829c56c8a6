import { type ChainVotes, type Tally, tallyVotes } from "@vision/chain";
import { defaultTaskWeightsPpm, enabledTasks, type TaskRegistry } from "@vision/protocol";

/** Shares of the reward by task id. Only ratios count. */
export type TaskShares = Readonly<Record<string, number>>;

/**
 * Where the tasks' shares come from: the validators' votes on chain, or this validator's own configuration. `defaults` stand in where nobody
 * voted, parts per million, before the registry's own.
 */
export type TaskWeightSource =
  | { readonly kind: "votes"; readonly defaults?: TaskShares }
  | { readonly kind: "config"; readonly shares: TaskShares };

/** Votes are counted at blocks whose number is a multiple of this: about every 20 minutes, and the same blocks for every validator. */
const VOTE_INTERVAL_BLOCKS = 100;

/** Whether votes are counted at that block. */
export function isVoteBlock(blockNumber: number): boolean {
  return blockNumber % VOTE_INTERVAL_BLOCKS === 0;
}

/** The first block after the given one at which votes are counted. */
export function nextVoteBlock(blockNumber: number): number {
  return (Math.floor(blockNumber / VOTE_INTERVAL_BLOCKS) + 1) * VOTE_INTERVAL_BLOCKS;
}

/** Shares of the enabled tasks where nobody voted: the given ones, else the registry's own. Whole numbers. */
export function defaultTaskShares(registry: TaskRegistry, defaults: TaskShares = {}): TaskShares {
  return Object.fromEntries(enabledTasks(registry).map(({ id }) => [id, Math.round(defaults[id] ?? defaultTaskWeightsPpm[id] ?? 0)]));
}

/** Outcome of the votes over the enabled tasks, see `docs/chain.md`. Without any vote it is the default. */
export function tallyTaskWeights(
  { votes, stakes }: Pick<ChainVotes, "votes" | "stakes">,
  registry: TaskRegistry,
  defaults: TaskShares = {},
): Tally {
  const defaultWeightsPpm = defaultTaskShares(registry, defaults);
  return tallyVotes({ votes, stakes, defaultWeightsPpm, knownTasks: Object.keys(defaultWeightsPpm) });
}
