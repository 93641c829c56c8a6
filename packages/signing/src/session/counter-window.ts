/** Remembers which counters of a session were used. */
export type CounterWindow = {
  /** Records the counter and returns true when it is new; false when it was used before or is too far behind. One call, no gap. */
  checkAndRecord(counter: number): boolean;
};

/** How far behind the highest counter a request may arrive. Requests overtake each other on different connections. */
export const DEFAULT_COUNTER_WINDOW = 1024;

/**
 * A sliding bitmap over the last counters (as in RFC 6479): constant memory, constant time.
 *
 * @param size - Counters remembered, a multiple of 32, at least 32.
 */
export function createCounterWindow(size: number = DEFAULT_COUNTER_WINDOW): CounterWindow {
  const words = Math.max(1, Math.ceil(size / 32));
  const bits = words * 32;
  const bitmap = new Uint32Array(words);
  let highest = -1;

  const clear = (from: number, to: number) => {
    if (to - from + 1 >= bits) {
      bitmap.fill(0);
      return;
    }
    for (let counter = from; counter <= to; counter += 1) {
      const slot = counter % bits;
      bitmap[slot >>> 5] = (bitmap[slot >>> 5] ?? 0) & ~(1 << (slot & 31));
    }
  };

  return {
    checkAndRecord(counter) {
      if (!Number.isSafeInteger(counter) || counter < 0 || counter <= highest - bits) return false;
      if (counter > highest) {
        clear(highest + 1, counter);
        highest = counter;
      }
      const slot = counter % bits;
      const mask = 1 << (slot & 31);
      const word = bitmap[slot >>> 5] ?? 0;
      if ((word & mask) !== 0) return false;
      bitmap[slot >>> 5] = word | mask;
      return true;
    },
  };
}
