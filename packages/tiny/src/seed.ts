import { invalidInput } from "./tiny-error.js";

function assertWhole(seed: number): void {
  if (!Number.isSafeInteger(seed)) throw invalidInput("A seed must be a whole number.", { seed });
}

/**
 * Low and high half of a seed as a 64-bit whole number, each as a signed 32-bit one.
 *
 * @throws {@link TinyError} `TINY_INVALID_INPUT` when it is not a safe integer.
 */
export function splitSeed(seed: number): { readonly low: number; readonly high: number } {
  assertWhole(seed);
  return { low: seed | 0, high: Math.floor(seed / 2 ** 32) | 0 };
}

/**
 * The 32-bit seed of the kernels from any whole number. Seeds from 0 to 2^32 - 1 stay as they are; above that, the high half is mixed in.
 *
 * @throws {@link TinyError} `TINY_INVALID_INPUT` when it is not a safe integer.
 */
export function foldSeed(seed: number): number {
  assertWhole(seed);
  const high = Math.floor(seed / 2 ** 32);
  return (seed ^ Math.imul(high, 0x9e3779b1)) | 0;
}
