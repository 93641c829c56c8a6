import type { Clock } from "./clock.js";

/** A clock that stands still until it is moved. */
export type ManualClock = Clock & {
  /** Moves both times on and runs the timers that fall due, in order. */
  advance(ms: number): void;
  /** Sets the time of the wall that much forward, or back; no time passes. */
  stepWall(ms: number): void;
  /** Timers that wait. */
  readonly timerCount: number;
};

/** A clock for tests. @param startMs - Unix time in milliseconds that it starts at. */
export function createManualClock(startMs = 1_750_000_000_000): ManualClock {
  let elapsedMs = 0;
  let wallMs = startMs;
  const timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  return {
    nowMs: () => wallMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    setTimer(delayMs, run) {
      const timer = { dueMs: elapsedMs + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    stepWall(ms) {
      wallMs += ms;
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
