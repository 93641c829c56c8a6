/** Remembers which counters of a session were used. */
export type CounterWindow = {
  /** Records the counter and returns true when it is new; false when it was used before or is too far behind. One call, no gap. */
  checkAndRecord(counter: number): boolean;
  /** False when `checkAndRecord` would refuse the counter now. Records nothing. */
  isNew(counter: number): boolean;
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

  const isNew = (counter: number): boolean => {
    if (!Number.isSafeInteger(counter) || counter < 0 || counter <= highest - bits) return false;
    if (counter > highest) return true;
    const slot = counter % bits;
    return ((bitmap[slot >>> 5] ?? 0) & (1 << (slot & 31))) === 0;
  };

  return {
    isNew,
    checkAndRecord(counter) {
      if (!isNew(counter)) return false;
      if (counter > highest) {
        clear(highest + 1, counter);
        highest = counter;
      }
      const slot = counter % bits;
      bitmap[slot >>> 5] = (bitmap[slot >>> 5] ?? 0) | (1 << (slot & 31));
      return true;
    },
  };
}
