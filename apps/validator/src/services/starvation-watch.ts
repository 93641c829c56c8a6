import type { Clock, Logger } from "../ports/index.js";
import type { Service } from "./supervise.js";

/** Notices when this process did not run: suspended, starved of CPU, or busy with one thing for too long. */
export type StarvationWatch = Service & {
  /** Whether the process stood still at some time in which a request was under way. Unix milliseconds, and how long it took. */
  wasStarvedDuring(request: { readonly startedAtMs: number; readonly durationMs: number }): boolean;
};

const BEAT_MS = 1_000;
/** A timer that fires this much late is no jitter any more. */
const MAX_LATE_MS = 1_000;
const REMEMBERED_MS = 600_000;
const TOLD_EVERY_MS = 60_000;

type Gap = { readonly fromMs: number; readonly untilMs: number };

/** A watch by the lateness of its own timer, in elapsed time and on the wall clock (which also goes on while a machine is suspended). */
export function createStarvationWatch({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }): StarvationWatch {
  let beat: { readonly atMs: number; readonly monotonicMs: number } | null = null;
  let gaps: readonly Gap[] = [];
  let toldAtMs: number | null = null;
  let untold = { times: 0, lateMs: 0 };

  const overdueMs = () => {
    if (beat === null) return 0;
    return Math.max(clock.nowMs() - beat.atMs, clock.monotonicMs() - beat.monotonicMs) - BEAT_MS;
  };

  /** A machine that stands still again and again is told once a minute, with how often. */
  const tell = (lateMs: number) => {
    untold = { times: untold.times + 1, lateMs: untold.lateMs + lateMs };
    const nowMs = clock.monotonicMs();
    if (toldAtMs !== null && nowMs - toldAtMs < TOLD_EVERY_MS) return;
    toldAtMs = nowMs;
    logger.warn("The validator did not run for a while; requests under way then are held against no miner", untold);
    untold = { times: 0, lateMs: 0 };
  };

  return {
    name: "starvation-watch",
    wasStarvedDuring({ startedAtMs, durationMs }) {
      // A late time-out of a request may come before the beat that is late as well.
      const now = beat !== null && overdueMs() > MAX_LATE_MS ? [{ fromMs: beat.atMs, untilMs: clock.nowMs() }] : [];
      const untilMs = Math.max(startedAtMs + durationMs, startedAtMs);
      return [...gaps, ...now].some((gap) => gap.fromMs <= untilMs && gap.untilMs >= startedAtMs);
    },
    async run(signal) {
      try {
        while (!signal.aborted) {
          const atMs = clock.nowMs();
          beat = { atMs, monotonicMs: clock.monotonicMs() };
          await clock.sleep(BEAT_MS, signal);
          const lateMs = overdueMs();
          if (lateMs <= MAX_LATE_MS) continue;
          const untilMs = clock.nowMs();
          gaps = [...gaps.filter((gap) => gap.untilMs > untilMs - REMEMBERED_MS), { fromMs: atMs, untilMs }];
          tell(lateMs);
        }
      } finally {
        beat = null;
      }
    },
  };
}
