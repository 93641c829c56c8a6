/** Time as the services see it; tests tick it by hand. */
export type Clock = {
  /** Unix time, milliseconds. */
  nowMs(): number;
  /** Monotonic time for durations, milliseconds with fractions. */
  monotonicMs(): number;
  /** Resolves after that time; rejects with the signal's reason when aborted. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>;
};
