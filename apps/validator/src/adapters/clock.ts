import type { Clock } from "../ports/index.js";

/** Longest timer that Node keeps; longer sleeps are put together from several. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's own time. */
export function createSystemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    async sleep(durationMs, signal) {
      let left = durationMs;
      do {
        await sleepOnce(Math.min(left, MAX_TIMER_MS), signal);
        left -= MAX_TIMER_MS;
      } while (left > 0);
    },
  };
}

function sleepOnce(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(
      () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      },
      Math.max(0, durationMs),
    );
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
