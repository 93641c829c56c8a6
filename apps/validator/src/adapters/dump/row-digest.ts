import { hash } from "node:crypto";

const HALF = (1n << 128n) - 1n;

/** Counts rows and sums their digests up. */
export type RowDigest = {
  /** @param line - One row with its line end. */
  add(line: Buffer): void;
  rows(): number;
  /** 64 hexadecimal digits: the rows' SHA-256 as two numbers of 128 bits each, summed up modulo 2^128. */
  hex(): string;
};

/**
 * A digest of rows that is the same in any order: a server does not promise to give rows back in the order in which it took them. It finds
 * mistakes, not forgery: whoever can write a dump can write its digests too.
 */
export function createRowDigest(): RowDigest {
  let rows = 0;
  let [high, low] = [0n, 0n];
  return {
    add(line) {
      const digest = hash("sha256", line, "buffer");
      rows += 1;
      high = (high + ((digest.readBigUInt64BE(0) << 64n) | digest.readBigUInt64BE(8))) & HALF;
      low = (low + ((digest.readBigUInt64BE(16) << 64n) | digest.readBigUInt64BE(24))) & HALF;
    },
    rows: () => rows,
    hex: () => high.toString(16).padStart(32, "0") + low.toString(16).padStart(32, "0"),
  };
}
