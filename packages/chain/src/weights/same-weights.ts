import type { WeightU16 } from "../port.js";

const U16_MAX = 65_535n;
const FRACTION_BITS = 32n;
const HALF = 1n << (FRACTION_BITS - 1n);

/**
 * True when the chain holds what was meant: the meant vector as the chain scales it. Order does not matter; zeros are the same as absent.
 */
export function isSameWeights(meant: readonly WeightU16[], held: readonly WeightU16[]): boolean {
  const expected = upscaleWeights(meant).filter((weight) => weight.weightU16 > 0);
  const found = new Map(held.filter((weight) => weight.weightU16 > 0).map((weight) => [weight.uid, weight.weightU16]));
  return expected.length === found.size && expected.every(({ uid, weightU16 }) => found.get(uid) === weightU16);
}

/**
 * A vector scaled so that its largest weight is 65535, in the chain's own fixed-point arithmetic (I32F32, `vec_max_upscale_to_u16` in
 * epoch/math.rs): above 32768 the factor is rounded down before it is multiplied, so 20000 of 40000 becomes 32767; below, 1 of 2 becomes
 * 32768. All zeros stay zeros.
 */
export function upscaleWeights(weights: readonly WeightU16[]): readonly WeightU16[] {
  const max = weights.reduce((largest, { weightU16 }) => (BigInt(weightU16) > largest ? BigInt(weightU16) : largest), 0n);
  if (max === 0n) return weights;
  const factor = (U16_MAX << FRACTION_BITS) / max;
  return weights.map(({ uid, weightU16 }) => {
    const value = BigInt(weightU16);
    const scaled = max > 32_768n ? value * factor : ((value * U16_MAX) << FRACTION_BITS) / max;
    return { uid, weightU16: Number((scaled + HALF) >> FRACTION_BITS) };
  });
}
