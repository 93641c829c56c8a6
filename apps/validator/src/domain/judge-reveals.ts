import { isSameWeights, judgeReveal, type WeightU16 } from "@vision/chain";
import type { RevealOutcome, WeightSetRecord } from "./records/index.js";

/** Weights that the chain took encrypted and is to open by itself. */
export type CommittedWeights = {
  /** First block of the chain's epoch that they are for. */
  readonly epochBlock: number;
  readonly includedAtBlock: number;
  readonly revealBlock: number;
  readonly weights: readonly WeightU16[];
};

/** The commit of a record, as a list of one; an empty one where the weights are not committed or in no block. */
export function toCommitted({ epochBlock, includedAtBlock, weights, reveal }: WeightSetRecord): readonly CommittedWeights[] {
  return reveal === null || includedAtBlock === null ? [] : [{ epochBlock, includedAtBlock, revealBlock: reveal.block, weights }];
}

/** A chain whose newest block is that much older than the block of a commit is another chain, not a node that lags. */
const ANOTHER_CHAIN_BLOCKS = 10;

/**
 * The commits that can be judged, each with what became of it. One that was not looked at in time is unknown rather than lost where a
 * later commit's weights have taken its place.
 *
 * @param commits - All that are not settled yet, in any order.
 */
export function judgeReveals(
  commits: readonly CommittedWeights[],
  { blockNumber, held }: { readonly blockNumber: number; readonly held: readonly WeightU16[] },
): readonly { readonly commit: CommittedWeights; readonly outcome: RevealOutcome }[] {
  return commits.flatMap((commit) => {
    if (isOfAnotherChain(commit, blockNumber)) return [{ commit, outcome: "unknown" as const }];
    const outcome = judgeReveal({ revealBlock: commit.revealBlock, blockNumber, committed: commit.weights, held });
    if (outcome === "pending") return [];
    const isReplaced = commits.some(({ revealBlock, weights }) => revealBlock > commit.revealBlock && isSameWeights(weights, held));
    return [{ commit, outcome: outcome === "lost" && isReplaced ? "unknown" : outcome }];
  });
}

/** Whether there may be something to see: the reveal's block is there, or will never come. */
export function isRevealDue(commit: CommittedWeights, blockNumber: number): boolean {
  return blockNumber >= commit.revealBlock || isOfAnotherChain(commit, blockNumber);
}

function isOfAnotherChain({ includedAtBlock }: CommittedWeights, blockNumber: number): boolean {
  return blockNumber + ANOTHER_CHAIN_BLOCKS < includedAtBlock;
}
