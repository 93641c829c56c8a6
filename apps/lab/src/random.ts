/** Draws of the simulated world. Fast, not secret: what validators draw comes from the product's own seeded stream. */
export type Draws = {
  /** Uniform in [0, 1). */
  next(): number;
  /** The number rounded up or down, so that the mean is kept. */
  round(value: number): number;
  /** How many of so many independent tries succeed. */
  binomial(tries: number, probability: number): number;
};

/** The draws of a seed and a label; streams of different labels are independent. Mulberry32 over an FNV-1a hash. */
export function createDraws(seed: number, label: string): Draws {
  let state = 0x811c9dc5 ^ seed;
  for (let index = 0; index < label.length; index += 1) state = Math.imul(state ^ label.charCodeAt(index), 0x01000193);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    round(value) {
      const whole = Math.floor(value);
      return next() < value - whole ? whole + 1 : whole;
    },
    binomial(tries, probability) {
      if (probability <= 0) return 0;
      if (probability >= 1) return tries;
      let count = 0;
      for (let index = 0; index < tries; index += 1) if (next() < probability) count += 1;
      return count;
    },
  };
}
