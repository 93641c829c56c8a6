import { z } from "zod";
import { DEFAULT_BLOCK_SECONDS } from "../errors/describe-blocks.js";
import type { BlockRef } from "../port.js";
import { nodeErrorOf } from "../rpc/rpc-error.js";
import { bigintSchema, integerSchema } from "../runtime/chain-json.js";
import { type Reader, type ReadOptions, readStorage } from "./reader.js";

/** A block with its time by the chain's clock, Unix milliseconds. */
export type TimedBlock = BlockRef & { readonly madeAtMs: number };

/**
 * The newest block that was made at a time or before; null when that is older than what the node keeps state of. Two or three reads for a
 * time that just was.
 */
export async function readBlockAt(reader: Reader, unixMs: number, options: ReadOptions = {}): Promise<BlockRef | null> {
  const [number] = await readStorage(reader, [{ pallet: "System", item: "Number" }], options);
  return findBlockAt(unixMs, integerSchema.parse(number), (blockNumber) => readTimedBlock(reader, blockNumber, options));
}

/**
 * The same over any way to read a block; null from it for one that cannot be read any more.
 *
 * Steps back by the usual pace, twice as far each time, and halves what is left between a block that is too new and one that is not.
 */
export async function findBlockAt(
  unixMs: number,
  newestNumber: number,
  read: (blockNumber: number) => Promise<TimedBlock | null>,
): Promise<BlockRef | null> {
  let after = newestNumber + 1;
  let before: TimedBlock | null = null;
  let next = newestNumber;
  let stepBlocks = 0;
  while (before === null || after - before.number > 1) {
    if (next < 1) return null; // the genesis block has no time
    const block = await read(next);
    if (block === null) return null;
    if (block.madeAtMs <= unixMs) before = block;
    else {
      after = block.number;
      stepBlocks = Math.max(2 * stepBlocks, Math.ceil((block.madeAtMs - unixMs) / (DEFAULT_BLOCK_SECONDS * 1000)));
    }
    // The first block is the last one to be tried, not to be stepped over.
    next = before === null ? Math.max(after - stepBlocks, Math.min(1, after - 1)) : Math.floor((before.number + after) / 2);
  }
  return { number: before.number, hash: before.hash };
}

async function readTimedBlock(reader: Reader, blockNumber: number, options: ReadOptions): Promise<TimedBlock | null> {
  const hash = z
    .string()
    .nullable()
    .parse(await reader.request("chain_getBlockHash", [blockNumber], options.signal));
  if (hash === null) return null;
  try {
    const [now] = await readStorage(reader, [{ pallet: "Timestamp", item: "Now" }], { ...options, atBlockHash: hash });
    return { number: blockNumber, hash, madeAtMs: Number(bigintSchema.parse(now)) };
  } catch (error) {
    // A node that keeps less state than others refuses the older ones.
    if (nodeErrorOf(error) === null) throw error;
    return null;
  }
}
