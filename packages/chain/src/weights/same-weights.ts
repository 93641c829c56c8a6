import type { WeightU16 } from "../port.js";
import { MAX_WEIGHT_U16 } from "./to-weights-u16.js";

/**
 * True when the chain holds what was meant. The chain scales a vector so that its largest weight is 65535, rounding half away from
 * zero, and order does not matter; zeros are the same as absent.
 */
export function isSameWeights(meant: readonly WeightU16[], held: readonly WeightU16[]): boolean {
  const left = upscale(meant);
  const right = upscale(held);
  return left.size === right.size && [...left].every(([uid, weightU16]) => right.get(uid) === weightU16);
}

function upscale(weights: readonly WeightU16[]): Map<number, number> {
  const max = weights.reduce((largest, { weightU16 }) => Math.max(largest, weightU16), 0);
  const scaled = weights.map(({ uid, weightU16 }) => [uid, max === 0 ? 0 : Math.round((weightU16 * MAX_WEIGHT_U16) / max)] as const);
  return new Map(scaled.filter(([, weightU16]) => weightU16 > 0));
}
