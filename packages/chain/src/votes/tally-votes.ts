import type { Rao } from "../port.js";
import { shareOut, type Vote } from "./vote.js";

/** What a tally is computed from. Every validator that reads the same block has the same. */
export type TallyInput = {
  /** Votes that decoded, by hotkey. */
  readonly votes: ReadonlyMap<string, Vote>;
  /** Stake of everyone who has a say, by hotkey: the validators with a permit. Votes of others do not count. */
  readonly stakes: ReadonlyMap<string, Rao>;
  /** The registry's own shares, any scale, integers. They stand in for a validator that has no vote. */
  readonly defaultWeightsPpm: Readonly<Record<string, number>>;
  /** Tasks that exist. Others are ignored, in votes and defaults alike. */
  readonly knownTasks: readonly string[];
};

/** How one validator counted. */
export type Ballot = {
  readonly hotkey: string;
  readonly stakeRao: Rao;
  /** `default` when it has no vote, or none for a task that exists. */
  readonly source: "vote" | "default";
  /** By task id over all known tasks, summing to 1,000,000. */
  readonly weightsPpm: ReadonlyMap<string, number>;
};

/** The outcome: parts per million by task id over all known tasks, summing to exactly 1,000,000 (empty without tasks). */
export type Tally = { readonly weightsPpm: ReadonlyMap<string, number>; readonly ballots: readonly Ballot[] };

/**
 * The stake-weighted task weights, in integers only.
 *
 * Each validator's vote, restricted to the known tasks, is scaled to 1,000,000 ({@link shareOut}) and multiplied by its stake; the sums
 * are scaled to 1,000,000 again. Without any stake the default is the outcome. Order of the inputs does not matter.
 */
export function tallyVotes(input: TallyInput): Tally {
  const fallback = restrict(new Map(Object.entries(input.defaultWeightsPpm)), input.knownTasks) ?? equalShares(input.knownTasks);
  const ballots = [...input.stakes]
    .filter(([, stakeRao]) => stakeRao > 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([hotkey, stakeRao]): Ballot => {
      const vote = input.votes.get(hotkey);
      const restricted = vote === undefined ? null : restrict(vote, input.knownTasks);
      return { hotkey, stakeRao, source: restricted === null ? "default" : "vote", weightsPpm: restricted ?? fallback };
    });
  if (ballots.length === 0) return { weightsPpm: fallback, ballots };
  const sums = new Map([...fallback.keys()].map((task) => [task, 0n]));
  for (const { stakeRao, weightsPpm } of ballots) {
    for (const [task, ppm] of weightsPpm) sums.set(task, (sums.get(task) ?? 0n) + stakeRao * BigInt(ppm));
  }
  return { weightsPpm: shareOut(sums), ballots };
}

function restrict(weights: ReadonlyMap<string, number>, knownTasks: readonly string[]): ReadonlyMap<string, number> | null {
  const amounts = new Map(knownTasks.map((task) => [task, BigInt(weights.get(task) ?? 0)]));
  return [...amounts.values()].some((amount) => amount > 0n) ? shareOut(amounts) : null;
}

function equalShares(knownTasks: readonly string[]): ReadonlyMap<string, number> {
  return shareOut(new Map(knownTasks.map((task) => [task, 1n])));
}
