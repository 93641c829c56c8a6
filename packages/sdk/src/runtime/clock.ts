/** Time, as everything in the SDK sees it. Tests pass one that they move by hand. */
export type Clock = {
  /** Unix time in milliseconds. May jump. */
  nowMs(): number;
  /** Milliseconds since some fixed moment; never goes back. For durations. */
  monotonicMs(): number;
  /** Calls back once after a delay in milliseconds. Returns a function that cancels it. Does not keep the process alive. */
  setTimer(delayMs: number, run: () => void): () => void;
};

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(delayMs, 2 ** 31 - 1));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
