import { EventEmitter, once } from "node:events";
import type { BlockRef, ChainClient } from "@vision/chain";

/** The newest block, without asking the chain. */
export type NewestBlock = {
  /** Null before the first. */
  current(): BlockRef | null;
  /** Resolves when the next one comes; rejects when the signal aborts. */
  changed(): Promise<unknown>;
};

/** Follows the newest of the blocks that are wanted, until the signal aborts. */
export function watchNewestBlock(
  chain: Pick<ChainClient, "watchBlocks">,
  signal: AbortSignal,
  isWanted: (blockNumber: number) => boolean = () => true,
): NewestBlock {
  const blocks = new EventEmitter();
  let newest: BlockRef | null = null;
  const stop = chain.watchBlocks((block) => {
    if (!isWanted(block.number)) return;
    newest = block;
    blocks.emit("block");
  });
  signal.addEventListener("abort", stop, { once: true });
  return { current: () => newest, changed: () => once(blocks, "block", { signal }) };
}

/** Waits for a block number. A restarted development chain begins again at a low number: what was waited for may never come. */
export async function reachBlock(blocks: NewestBlock, blockNumber: number): Promise<void> {
  for (let seen = blocks.current()?.number ?? 0; seen < blockNumber; ) {
    await blocks.changed();
    const number = blocks.current()?.number ?? 0;
    if (number < seen) return;
    seen = number;
  }
}
