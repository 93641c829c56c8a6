import type { Clock } from "./clock.js";

/** A clock that stands still until it is moved. */
export type ManualClock = Clock & {
  /** Moves both times on and runs the timers that fall due, in order. */
  advance(ms: number): void;
  /** Timers that wait. */
  readonly timerCount: number;
};

/** A clock for tests. @param startMs - Unix time in milliseconds that it starts at. */
export function createManualClock(startMs = 1_750_000_000_000): ManualClock {
  let elapsedMs = 0;
  const timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    setTimer(delayMs, run) {
      const timer = { dueMs: elapsedMs + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const endMs = elapsedMs + ms;
      for (;;) {
        const next = [...timers].filter((timer) => timer.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
        if (next === undefined) break;
        timers.delete(next);
        elapsedMs = Math.max(elapsedMs, next.dueMs);
        next.run();
      }
      elapsedMs = endMs;
    },
    get timerCount() {
      return timers.size;
    },
  };
}
