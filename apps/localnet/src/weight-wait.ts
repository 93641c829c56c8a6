/** What is known of the weights that are waited for. */
export type WeightWait = "waiting" | "open" | "none";

/** The chain at one look. */
export type WeightLook = {
  readonly blockNumber: number;
  /** Block of the validator's newest commit. */
  readonly lastUpdateBlock: number;
};

/** An epoch passes at a validator that is busy, or that finds nobody to pay; in so many it has none to commit. */
const MOST_EPOCHS = 12;

/**
 * Follows a validator's next commit until it is open on chain: in the epoch after its own, where its round comes a few blocks into it.
 *
 * @param startBlock - The commit has to be newer.
 * @returns What each look tells: `none` where no commit came within {@link MOST_EPOCHS} epochs.
 */
export function createWeightWait({ startBlock, tempoBlocks }: { readonly startBlock: number; readonly tempoBlocks: number }) {
  let committedBlock: number | null = null;
  return ({ blockNumber, lastUpdateBlock }: WeightLook): WeightWait => {
    if (lastUpdateBlock > startBlock) committedBlock ??= lastUpdateBlock;
    if (committedBlock !== null) return blockNumber > committedBlock + 2 * tempoBlocks + 8 ? "open" : "waiting";
    return blockNumber > startBlock + MOST_EPOCHS * tempoBlocks ? "none" : "waiting";
  };
}
