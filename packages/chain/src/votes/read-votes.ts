import type { CallOptions, ChainClient, Rao } from "../port.js";
import type { Vote } from "./vote.js";
import { decodeVote } from "./vote-bytes.js";

/** The votes and stakes of one block. */
export type ChainVotes = {
  readonly votes: ReadonlyMap<string, Vote>;
  /** Validators with a permit. */
  readonly stakes: ReadonlyMap<string, Rao>;
  /** Commitments of validators that are no votes, with the reason; they change nothing. */
  readonly malformed: ReadonlyMap<string, string>;
};

/** Reads every validator's vote and stake at one block; all validators that name the same block read the same. */
export async function readVotes(
  chain: Pick<ChainClient, "getMetagraph" | "getCommitments">,
  netuid: number,
  options: CallOptions & { readonly atBlockHash: string },
): Promise<ChainVotes> {
  const [metagraph, commitments] = await Promise.all([chain.getMetagraph(netuid, options), chain.getCommitments(netuid, options)]);
  const validators = metagraph.neurons.filter((neuron) => neuron.hasValidatorPermit);
  const votes = new Map<string, Vote>();
  const malformed = new Map<string, string>();
  for (const { hotkey } of validators) {
    const bytes = commitments.get(hotkey);
    if (bytes === undefined) continue;
    const decoded = decodeVote(bytes);
    if (decoded.ok) votes.set(hotkey, decoded.vote);
    else malformed.set(hotkey, decoded.reason);
  }
  return { votes, malformed, stakes: new Map(validators.map((neuron) => [neuron.hotkey, neuron.stakeRao])) };
}
