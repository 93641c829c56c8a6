/** Weights whose process ended while they were handed to the chain, and what the chain shows now. */
export type LeftWeights = {
  /** First block of the epoch that they were for; they were handed over in the epoch before it. */
  readonly epochBlock: number;
  readonly tempoBlocks: number;
  readonly blockNumber: number;
  /** Block of this validator's last update. */
  readonly lastUpdateBlock: number;
};

/** Blocks after an epoch's end until nothing of it can still come into a block. */
const SETTLED_BLOCKS = 4;

/**
 * What became of weights that nobody waited for. An update in their epoch was theirs, for there is one set an epoch. Without one they have
 * failed once the epoch is over; before that they may still come in.
 */
export function judgeLeftWeights({ epochBlock, tempoBlocks, blockNumber, lastUpdateBlock }: LeftWeights): "set" | "failed" | "open" {
  // An epoch of the chain takes one block more than its tempo.
  const firstBlock = Math.max(1, epochBlock - tempoBlocks - 1); // Block 0 stands for no update yet.
  if (lastUpdateBlock >= firstBlock && lastUpdateBlock < epochBlock) return "set";
  return blockNumber >= epochBlock + SETTLED_BLOCKS ? "failed" : "open";
}
