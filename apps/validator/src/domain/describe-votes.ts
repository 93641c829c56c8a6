import { type ChainVotes, shareOut } from "@vision/chain";
import type { TaskRegistry } from "@vision/protocol";
import { defaultTaskShares, type TaskShares, tallyTaskWeights } from "./task-weights.js";

/** One validator with a permit, and how it counts. */
export type VoterReport = {
  readonly hotkey: string;
  readonly stakeRao: string;
  /** `vote`: its own counts. `default`: it has none, or none for a task that exists. `malformed`: its commitment is no vote. */
  readonly kind: "vote" | "default" | "malformed";
  /** Why the commitment is no vote. */
  readonly problem: string | null;
  /** Parts per million by task id that it counts with; all tasks that exist. */
  readonly weightsPpm: Readonly<Record<string, number>>;
  /** Tasks that its vote names and that do not exist here. */
  readonly ignoredTasks: readonly string[];
};

/** The votes of one block and their outcome. */
export type VotesReport = {
  readonly blockNumber: number;
  readonly voters: readonly VoterReport[];
  readonly outcomePpm: Readonly<Record<string, number>>;
  readonly defaultPpm: Readonly<Record<string, number>>;
};

/** Who voted what, most stake first, and the outcome. Validators without stake are left out: they have no say. */
export function describeVotes(
  blockNumber: number,
  chainVotes: ChainVotes,
  { registry, defaultShares = {} }: { readonly registry: TaskRegistry; readonly defaultShares?: TaskShares },
): VotesReport {
  const tally = tallyTaskWeights(chainVotes, registry, defaultShares);
  const defaults = new Map(Object.entries(defaultTaskShares(registry, defaultShares)).map(([id, share]) => [id, BigInt(share)]));
  const voters = tally.ballots.map((ballot): VoterReport => {
    const problem = chainVotes.malformed.get(ballot.hotkey) ?? null;
    const named = [...(chainVotes.votes.get(ballot.hotkey)?.keys() ?? [])];
    return {
      hotkey: ballot.hotkey,
      stakeRao: ballot.stakeRao.toString(),
      kind: problem === null ? ballot.source : "malformed",
      problem,
      weightsPpm: Object.fromEntries(ballot.weightsPpm),
      ignoredTasks: named.filter((id) => !ballot.weightsPpm.has(id)),
    };
  });
  return {
    blockNumber,
    voters: voters.sort((a, b) => Number(BigInt(b.stakeRao) - BigInt(a.stakeRao)) || (a.hotkey < b.hotkey ? -1 : 1)),
    outcomePpm: Object.fromEntries(tally.weightsPpm),
    defaultPpm: Object.fromEntries(shareOut(defaults)),
  };
}
