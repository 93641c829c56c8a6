/** Adds up for how long one thing kept the loop from everything else. */
export type HoldMeter = {
  /** Runs it and books the time. */
  measure<Value>(run: () => Value): Value;
  /** Runs it and books the time until its promise settles; only what it took to return the promise, where the loop turns before that. */
  measureTurn<Value>(run: () => Promise<Value>): Promise<Value>;
  /** What was measured so far, milliseconds. */
  heldMs(): number;
};

/** Who kept a thread's loop busy, and for how long. */
export type HeldTimes = {
  /** A meter for one request of somebody: a miner's hotkey, a sender's address. */
  meter(who: string): HoldMeter;
  /** Who held the loop longest since that monotonic time, of those who told; null for nobody. */
  longest(sinceMonotonicMs: number): { readonly who: string; readonly heldMs: number } | null;
};
