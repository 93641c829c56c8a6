import { z } from "zod";
import { DEFAULT_BLOCK_SECONDS } from "../errors/describe-blocks.js";
import { bigintSchema, integerSchema } from "../runtime/chain-json.js";
import { type Reader, type ReadOptions, readStorage } from "./reader.js";

/** Blocks over which the pace of a chain is measured. */
const WINDOW_BLOCKS = 8;

/** The newest block's time and the chain's pace. */
export type BlockTime = {
  readonly blockNumber: number;
  /** Unix time of the newest block by the chain's own clock, seconds. */
  readonly nowSeconds: number;
  /** Mean seconds between the last blocks; development chains are faster than 12. */
  readonly blockSeconds: number;
};

/** Reads the chain's clock, so that a development chain with a clock or a pace of its own is met as it is. */
export async function readBlockTime(reader: Reader, options: ReadOptions = {}): Promise<BlockTime> {
  const queries = [
    { pallet: "System", item: "Number" },
    { pallet: "Timestamp", item: "Now" },
  ];
  const [number, now] = await readStorage(reader, queries, options);
  const blockNumber = integerSchema.parse(number);
  const nowMs = Number(bigintSchema.parse(now));
  // The genesis block has no time.
  const earlierNumber = Math.max(1, blockNumber - WINDOW_BLOCKS);
  const fallback = { blockNumber, nowSeconds: nowMs / 1000, blockSeconds: DEFAULT_BLOCK_SECONDS };
  if (blockNumber - earlierNumber < 2) return fallback;
  const hash = z
    .string()
    .nullable()
    .parse(await reader.request("chain_getBlockHash", [earlierNumber], options.signal));
  if (hash === null) return fallback;
  const [earlier] = await readStorage(reader, [{ pallet: "Timestamp", item: "Now" }], { ...options, atBlockHash: hash });
  const blockSeconds = (nowMs - Number(bigintSchema.parse(earlier))) / 1000 / (blockNumber - earlierNumber);
  return blockSeconds > 0 ? { ...fallback, blockSeconds } : fallback;
}
