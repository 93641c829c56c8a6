import type { Clock } from "../ports/index.js";

/** A clock that stands still until a test moves it. */
export type ManualClock = Clock & {
  /** Moves time forward, waking sleepers in order of their time and letting their work settle before the next one wakes. */
  advance(durationMs: number): Promise<void>;
  /** Sets the wall clock that much forward, or back; no time passes, and who sleeps goes on sleeping. */
  stepWall(stepMs: number): void;
  /** Sleepers at the moment. */
  sleepers(): number;
};

type Sleeper = { readonly wakeAtMs: number; readonly order: number; readonly wake: () => void };

/** Lets promises that are ready run to where they wait again; also work that needs a few turns of the event loop. */
export async function settle(turns = 4): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A manual clock that starts at `startMs`, Unix milliseconds; a full hour, at which periods of all lengths begin, if left out. */
export function createManualClock(startMs = 1_700_002_800_000): ManualClock {
  let elapsedMs = 0;
  let wallMs = startMs;
  let order = 0;
  const sleepers = new Set<Sleeper>();

  const nextUntil = (untilMs: number): Sleeper | undefined =>
    [...sleepers].filter(({ wakeAtMs }) => wakeAtMs <= untilMs).sort((a, b) => a.wakeAtMs - b.wakeAtMs || a.order - b.order)[0];

  return {
    nowMs: () => wallMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    stepWall(stepMs) {
      wallMs += stepMs;
    },
    sleepers: () => sleepers.size,
    sleep(durationMs, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        order += 1;
        const onAbort = () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        };
        const sleeper: Sleeper = {
          wakeAtMs: elapsedMs + Math.max(0, durationMs),
          order,
          wake: () => {
            sleepers.delete(sleeper);
            signal.removeEventListener("abort", onAbort);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal.addEventListener("abort", onAbort, { once: true });
      });
    },
    async advance(durationMs) {
      const untilMs = elapsedMs + durationMs;
      await settle();
      for (;;) {
        const sleeper = nextUntil(untilMs);
        if (sleeper === undefined) break;
        elapsedMs = Math.max(elapsedMs, sleeper.wakeAtMs);
        sleeper.wake();
        await settle();
      }
      elapsedMs = untilMs;
    },
  };
}
