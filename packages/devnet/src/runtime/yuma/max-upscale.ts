import { divide, fromInteger, multiply, round, toU16 } from "./fixed.js";

const u16Maximum = fromInteger(65_535n);
const exactBelow = fromInteger(32_768n); // above it, value x 65535 would leave 32 bits, so the chain divides first

/**
 * Weights scaled so that the largest is 65535, rounded to the nearest: how `set_weights` stores them. All zeros stay zeros.
 *
 * Formula and order of operations: pallets/subtensor/src/epoch/math.rs `vec_max_upscale_to_u16`. Cases seen on a running chain: [1, 2] gives
 * [32768, 65535], [100] gives [65535].
 */
export function maxUpscale(weights: readonly number[]): readonly number[] {
  const largest = fromInteger(BigInt(weights.reduce((most, weight) => Math.max(most, weight), 0)));
  if (largest === 0n) return weights.map(() => 0);
  const factor = divide(u16Maximum, largest);
  return weights.map((weight) => {
    const value = fromInteger(BigInt(weight));
    const scaled = largest > exactBelow ? multiply(value, factor) : divide(multiply(value, u16Maximum), largest);
    return toU16(round(scaled));
  });
}
