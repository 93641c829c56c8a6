import type { Kernels } from "../kernels/kernels.js";

/** Uniform numbers in [0, 1) from a 32-bit seed: mulberry32, public domain, by Tommy Ettinger. */
function createUniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Normally distributed noise (Box-Muller), the same for the same seed on every machine: logarithm and cosine come from the kernels.
 *
 * @param count - Even.
 */
export function normalNoise(seed: number, count: number, kernels: Kernels): Float32Array {
  const uniform = createUniform(seed);
  const noise = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * kernels.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    noise[i] = radius * kernels.cos(angle);
    noise[i + 1] = radius * kernels.sin(angle);
  }
  return noise;
}
