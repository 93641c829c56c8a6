import { z } from "zod";
import { protocolLimits } from "../limits.js";

const SEEDS = protocolLimits.seed + 1;

/** A seed; clients draw them from 32 or 64 bits, so whole numbers outside 31 bits are folded into them, the same one always alike. */
export const foldedSeed = z
  .number()
  .refine((seed) => Number.isInteger(seed), { error: "must be a whole number" })
  .transform((seed) => ((seed % SEEDS) + SEEDS) % SEEDS);
