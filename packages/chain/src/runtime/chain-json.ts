import { z } from "zod";

/** polkadot.js writes an integer as a number up to 2^53 and as 0x hex, big-endian, above. */
export const bigintSchema = z
  .union([z.int(), z.string().regex(/^0x[0-9a-f]+$/i), z.string().regex(/^\d+$/)])
  .transform((value) => BigInt(value));

/** An integer that is known to fit a number. */
export const integerSchema = bigintSchema.transform((value) => Number(value));

/** Whole bytes as hex with `0x`, kept as text. */
export const hexSchema = z.string().regex(/^0x([0-9a-f]{2})*$/i);
