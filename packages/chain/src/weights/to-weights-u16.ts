import { ChainError } from "../errors/chain-error.js";
import type { WeightU16 } from "../port.js";
import { roundHalfToEven } from "./round-half-to-even.js";

/** The largest weight the chain holds. */
export const MAX_WEIGHT_U16 = 65_535;

/**
 * Weights as the chain takes them, made exactly as the Python SDK makes them (`convert_and_normalize_weights_and_uids`):
 * each fraction becomes a float32, is divided by the largest, times 65535, rounded half to even; zeros are left out.
 *
 * @param fractions - Weight by uid; any non-negative finite scale, only ratios count. uids are integers from 0 to 65535.
 * @returns Sorted by uid. Empty when all are zero. Otherwise the largest weight is 65535.
 * @throws {@link ChainError} `CHAIN_INVALID_WEIGHTS` for a negative or non-finite fraction or an impossible uid.
 */
export function toWeightsU16(fractions: ReadonlyMap<number, number>): readonly WeightU16[] {
  const entries = [...fractions].map(([uid, fraction]) => ({ uid, fraction: Math.fround(fraction) }));
  for (const { uid, fraction } of entries) {
    if (!Number.isInteger(uid) || uid < 0 || uid > 65_535) throw invalid(`uid ${uid} is not an integer from 0 to 65535.`, uid);
    if (!Number.isFinite(fraction) || fraction < 0)
      throw invalid(`The weight of uid ${uid} is ${fraction}; it must be finite and not negative.`, uid);
  }
  const max = entries.reduce((largest, { fraction }) => Math.max(largest, fraction), 0);
  if (max === 0) return [];
  return entries
    .map(({ uid, fraction }) => ({ uid, weightU16: roundHalfToEven((fraction / max) * MAX_WEIGHT_U16) }))
    .filter(({ weightU16 }) => weightU16 > 0)
    .sort((a, b) => a.uid - b.uid);
}

function invalid(message: string, uid: number): ChainError {
  return new ChainError({ code: "CHAIN_INVALID_WEIGHTS", message, facts: { uid } });
}
