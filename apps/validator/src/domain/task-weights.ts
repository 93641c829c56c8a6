import { type ChainVotes, type Tally, tallyVotes } from "@vision/chain";
import { defaultTaskWeightsPpm, enabledTasks, type TaskRegistry } from "@vision/protocol";

/** Shares of the reward by task id. Only ratios count. */
export type TaskShares = Readonly<Record<string, number>>;

/** Where the tasks' shares come from: the validators' votes on chain, or this validator's own configuration. */
export type TaskWeightSource = { readonly kind: "votes" } | { readonly kind: "config"; readonly shares: TaskShares };

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

/** The registry's own shares of the enabled tasks. */
export function defaultTaskShares(registry: TaskRegistry): TaskShares {
  return Object.fromEntries(enabledTasks(registry).map(({ id }) => [id, defaultTaskWeightsPpm[id] ?? 0]));
}

/** Outcome of the votes over the enabled tasks, see `docs/chain.md`. Without any vote it is the registry's default. */
export function tallyTaskWeights({ votes, stakes }: Pick<ChainVotes, "votes" | "stakes">, registry: TaskRegistry): Tally {
  const defaultWeightsPpm = defaultTaskShares(registry);
  return tallyVotes({ votes, stakes, defaultWeightsPpm, knownTasks: Object.keys(defaultWeightsPpm) });
}
