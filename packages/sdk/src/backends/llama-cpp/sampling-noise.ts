/**
 * Noise of one token at one position under a seed, uniform in (0, 1): `(hash + 0.5) / 2^32`.
 *
 * The hash mixes three counters, so that anybody can redo the draw of a single position. It is the noise that `@vision/tiny` samples with
 * (`kernels/assembly/sampling.ts`); a test holds both to the same choices.
 */
export function samplingNoise(seed: number, position: number, token: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(position + 1, 0xc2b2ae35) ^ Math.imul(token + 1, 0x27d4eb2f);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  hash ^= hash >>> 12;
  hash = Math.imul(hash, 0x297a2d39);
  hash ^= hash >>> 15;
  return ((hash >>> 0) + 0.5) / 2 ** 32;
}
