import type { WeightU16 } from "../port.js";
import { isSameWeights } from "./same-weights.js";

/** What a look at a commit that was to be revealed is decided from. */
export type RevealSight = {
  /** Block at which the chain was to open the commit. */
  readonly revealBlock: number;
  /** The newest block. */
  readonly blockNumber: number;
  /** What was committed. */
  readonly committed: readonly WeightU16[];
  /** What the chain holds now. */
  readonly held: readonly WeightU16[];
};

/** The beacon's pulse may reach the chain some blocks late; newer runtimes try again in every block of the epoch. */
export const REVEAL_GRACE_BLOCKS = 10;

/**
 * What became of a timelocked commit: `revealed` when the chain holds its weights, `lost` when it holds others though the block of the
 * reveal is past by {@link REVEAL_GRACE_BLOCKS}, else `pending`.
 */
export function judgeReveal({ revealBlock, blockNumber, committed, held }: RevealSight): "revealed" | "pending" | "lost" {
  if (blockNumber < revealBlock - REVEAL_EARLY_BLOCKS) return "pending";
  if (isSameWeights(committed, held)) return "revealed";
  return blockNumber < revealBlock + REVEAL_GRACE_BLOCKS ? "pending" : "lost";
}

/** The reveal's block is planned three blocks into its epoch; before that epoch the same weights are those of the commit before. */
const REVEAL_EARLY_BLOCKS = 3;
