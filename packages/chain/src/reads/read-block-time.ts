import { z } from "zod";
import { DEFAULT_BLOCK_SECONDS } from "../errors/describe-blocks.js";
import { nodeErrorOf } from "../rpc/rpc-error.js";
import { bigintSchema, integerSchema } from "../runtime/chain-json.js";
import { type Reader, type ReadOptions, readStorage } from "./reader.js";

/** The pace is measured over this many stretches of blocks. */
const STRETCHES = 8;
/** Blocks of a stretch: all of them together reach back as far as nodes keep state, half of 256. */
const MAX_STRETCH_BLOCKS = 16;

/** The newest block's time and the chain's pace. */
export type BlockTime = {
  readonly blockNumber: number;
  /** Unix time of the newest block by the chain's own clock, seconds. */
  readonly nowSeconds: number;
  /** Seconds between blocks as in the median of the last stretches of blocks; development chains are faster than 12. */
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
  const nowSeconds = Number(bigintSchema.parse(now)) / 1000;
  const earlier = await Promise.all(
    sampleNumbers(blockNumber).map(async (sample) => {
      const seconds = await readSecondsAt(reader, sample, options).catch((error: unknown) => {
        // A node that keeps less state than others refuses the older ones; the newer ones do.
        if (nodeErrorOf(error) === null) throw error;
        return null;
      });
      return seconds === null ? [] : [{ number: sample, seconds }];
    }),
  );
  return { blockNumber, nowSeconds, blockSeconds: paceOf([...earlier.flat(), { number: blockNumber, seconds: nowSeconds }]) };
}

/** Earlier blocks whose time is read, ascending. The genesis block has no time. */
function sampleNumbers(blockNumber: number): readonly number[] {
  const stretchBlocks = Math.max(1, Math.min(MAX_STRETCH_BLOCKS, Math.floor((blockNumber - 1) / STRETCHES)));
  const numbers = Array.from({ length: STRETCHES }, (_unused, index) => blockNumber - (STRETCHES - index) * stretchBlocks);
  return numbers.filter((number) => number >= 1);
}

async function readSecondsAt(reader: Reader, blockNumber: number, options: ReadOptions): Promise<number | null> {
  const hash = z
    .string()
    .nullable()
    .parse(await reader.request("chain_getBlockHash", [blockNumber], options.signal));
  if (hash === null) return null;
  const [now] = await readStorage(reader, [{ pallet: "Timestamp", item: "Now" }], { ...options, atBlockHash: hash });
  return Number(bigintSchema.parse(now)) / 1000;
}

/**
 * Seconds between blocks from the times of some blocks in ascending order: the median over the stretches between them, so that a slot
 * that was missed in one of them changes nothing, and a chain that misses slots all along is seen as slow as it is.
 */
export function paceOf(samples: readonly { readonly number: number; readonly seconds: number }[]): number {
  const paces = samples
    .slice(1)
    .map((sample, index) => {
      const before = samples[index] ?? sample;
      return (sample.seconds - before.seconds) / (sample.number - before.number);
    })
    .filter((pace) => pace > 0)
    .sort((a, b) => a - b);
  if (paces.length < 2) return DEFAULT_BLOCK_SECONDS;
  const middle = paces.length / 2;
  const [low, high] = [paces[Math.ceil(middle) - 1] ?? 0, paces[Math.floor(middle)] ?? 0];
  return (low + high) / 2;
}
