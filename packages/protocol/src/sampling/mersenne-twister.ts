const SIZE = 624;
const SHIFT = 397;

/** Random numbers of MT19937, as C++ has it. */
export type MersenneTwister = {
  /** The next 32 bits. */
  nextUint32(): number;
  /** The next double in [0, 1), of two outputs, the low one first: `std::uniform_real_distribution<double>` of libstdc++. */
  nextDouble(): number;
};

/** MT19937 from a 32-bit seed. */
export function createMersenneTwister(seed: number): MersenneTwister {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let index = 1; index < SIZE; index += 1) {
    const last = state[index - 1] ?? 0;
    state[index] = Math.imul(last ^ (last >>> 30), 1812433253) + index;
  }
  let at = SIZE;

  function refill(): void {
    for (let index = 0; index < SIZE; index += 1) {
      const joined = ((state[index] ?? 0) & 0x80000000) | ((state[(index + 1) % SIZE] ?? 0) & 0x7fffffff);
      state[index] = (state[(index + SHIFT) % SIZE] ?? 0) ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    at = 0;
  }

  function nextUint32(): number {
    if (at === SIZE) refill();
    let value = state[at] ?? 0;
    at += 1;
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    return (value ^ (value >>> 18)) >>> 0;
  }

  return {
    nextUint32,
    nextDouble() {
      const low = nextUint32();
      // A sum that rounds up to 2^64 would be 1, which is not in the range: the largest double below 1 stands for it.
      return Math.min((low + nextUint32() * 2 ** 32) / 2 ** 64, 1 - Number.EPSILON / 2);
    },
  };
}
