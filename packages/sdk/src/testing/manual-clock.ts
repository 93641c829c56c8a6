/** A clock that moves only when it is told to. */
export type ManualClock = {
  /** Milliseconds since the clock was made, plus its start. */
  nowMs(): number;
  /** Resolves when the clock has been moved that far; rejects with the signal's reason when it aborts first. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Moves the clock; whoever sleeps until then wakes, earliest first. */
  advance(durationMs: number): void;
  /** How many are asleep. */
  readonly sleepers: number;
};

/** A manual clock that starts at `startMs`. */
export function createManualClock(startMs = 0): ManualClock {
  let now = startMs;
  const sleeping = new Set<{ readonly wakeAtMs: number; wake(): void }>();
  return {
    nowMs: () => now,
    sleep(durationMs, signal) {
      if (signal?.aborted === true) return Promise.reject(signal.reason);
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          sleeping.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper = {
          wakeAtMs: now + durationMs,
          wake() {
            sleeping.delete(sleeper);
            signal?.removeEventListener("abort", onAbort);
            resolve();
          },
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        sleeping.add(sleeper);
      });
    },
    advance(durationMs) {
      now += durationMs;
      const due = [...sleeping].filter((sleeper) => sleeper.wakeAtMs <= now).sort((a, b) => a.wakeAtMs - b.wakeAtMs);
      for (const sleeper of due) sleeper.wake();
    },
    get sleepers() {
      return sleeping.size;
    },
  };
}
