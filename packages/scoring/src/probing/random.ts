import { createHash } from "node:crypto";

/** Uniform draws. Every consumer takes its own stream, so that one more draw in one place shifts nothing elsewhere. */
export type Random = {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** Uniform whole number in [0, below). */
  nextInt(below: number): number;
};

/**
 * A reproducible stream of draws: SHA-256 in counter mode over the labels. The same seed and labels give the same draws on every
 * machine; without the seed the draws cannot be guessed, also not from earlier draws.
 *
 * Block `i` is `SHA-256(utf8(JSON.stringify([seed, ...labels, i])))`; each draw takes eight bytes, big endian, of which the upper 53 bits count.
 *
 * @param seed - Any text; a period's seed is 32 bytes in hex.
 * @param labels - What the stream is for, e.g. `["plan", hotkey, taskId]`. Streams of different labels are independent.
 */
export function createSeededRandom(seed: string, labels: readonly (string | number)[]): Random {
  let block = Buffer.alloc(0);
  let offset = 0;
  let counter = 0;
  const next = (): number => {
    if (offset + 8 > block.length) {
      block = createHash("sha256")
        .update(JSON.stringify([seed, ...labels, counter]))
        .digest();
      counter += 1;
      offset = 0;
    }
    const upper = block.readUInt32BE(offset) >>> 0;
    const lower = block.readUInt32BE(offset + 4) >>> 11;
    offset += 8;
    return (upper * 2 ** 21 + lower) / 2 ** 53;
  };
  return { next, nextInt: (below) => Math.min(Math.floor(next() * below), below - 1) };
}

/** One of the items, all equally likely. The list must not be empty. */
export function pick<Item>(random: Random, items: readonly [Item, ...Item[]]): Item {
  return items[random.nextInt(items.length)] ?? items[0];
}

/** Uniform whole number in [from, to]. */
export function drawInt(random: Random, from: number, to: number): number {
  return from + random.nextInt(to - from + 1);
}

/** Uniform in [from, to). */
export function drawBetween(random: Random, from: number, to: number): number {
  return from + random.next() * (to - from);
}
