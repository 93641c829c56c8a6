import type { Clock, HeldTimes, Logger, ValidatorMetrics } from "../ports/index.js";
import type { Service } from "./supervise.js";

/** Notices when its thread did not run: suspended, starved of CPU, or busy with one thing for too long. */
export type StarvationWatch = Service & {
  /**
   * Whether the thread stood still at some time in which a request was under way. Unix milliseconds, and how long it took. A standstill that
   * this miner caused is none for it.
   */
  wasStarvedDuring(request: { readonly startedAtMs: number; readonly durationMs: number; readonly hotkey?: string }): boolean;
};

/** A thread that did not run, and through whom where that is known. */
export type Standstill = { readonly thread: string; readonly cause: StandstillCause; readonly who: string | null; readonly lateMs: number };

/** What made it stand still: a miner's answers, what a sender sent, or something of our own (a busy machine, one that was suspended). */
export type StandstillCause = "miner" | "sender" | "own";

/** Counts standstills in the metrics. */
export function noteStandstill(metrics: Pick<ValidatorMetrics, "standstillSecondsTotal">) {
  return ({ thread, cause, lateMs }: Standstill) => metrics.standstillSecondsTotal.inc({ thread, cause }, lateMs / 1_000);
}

/** What a watch works with. */
export type StarvationWatchDependencies = {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The thread that it runs on. */
  readonly thread: string;
  /** Who may be the cause, by the times that are booked. */
  readonly cause?: Exclude<StandstillCause, "own">;
  readonly heldTimes?: HeldTimes;
  readonly onStandstill: (standstill: Standstill) => void;
};

const BEAT_MS = 1_000;
/** A timer that fires this much late is no jitter any more. */
const MAX_LATE_MS = 1_000;
/** Beats of which each is late by less, but which together were late by more than one may be: a thread that is starved of CPU bit by bit. */
const WINDOW_BEATS = 10;
const MAX_LATE_IN_WINDOW_MS = 2_000;
/** Below it a beat's lateness is jitter, and adds up to nothing. */
const JITTER_MS = 50;
const REMEMBERED_MS = 600_000;
const TOLD_EVERY_MS = 60_000;
/** Whoever held the loop for this much of a standstill caused it. */
const CAUSING_FRACTION = 0.5;

type Gap = { readonly fromMs: number; readonly untilMs: number; readonly who: string | null };
type LateBeat = Beat & { readonly lateMs: number };
type Beat = { readonly atMs: number; readonly monotonicMs: number };

/** A watch by the lateness of its own timer, of one beat and of the last ten together, in elapsed time and on the wall clock (which also goes on while a machine is suspended). */
export function createStarvationWatch(dependencies: StarvationWatchDependencies): StarvationWatch {
  const { clock, logger, thread, cause = "miner", heldTimes, onStandstill } = dependencies;
  let beat: Beat | null = null;
  let gaps: readonly Gap[] = [];
  let recent: readonly LateBeat[] = [];
  let toldAtMs: number | null = null;
  let untold = { times: 0, lateMs: 0 };

  const lateBy = ({ atMs, monotonicMs }: Beat) => Math.max(clock.nowMs() - atMs, clock.monotonicMs() - monotonicMs) - BEAT_MS;

  const causerOf = ({ monotonicMs }: Beat, lateMs: number): string | null => {
    const longest = heldTimes?.longest(monotonicMs) ?? null;
    return longest !== null && longest.heldMs >= lateMs * CAUSING_FRACTION ? longest.who : null;
  };

  /** A thread that stands still again and again is told once a minute, with how often. */
  const tell = (lateMs: number, who: string | null) => {
    untold = { times: untold.times + 1, lateMs: untold.lateMs + lateMs };
    const nowMs = clock.monotonicMs();
    if (toldAtMs !== null && nowMs - toldAtMs < TOLD_EVERY_MS) return;
    toldAtMs = nowMs;
    logger.warn("A thread of the validator did not run for a while; what it timed then is held against no miner", {
      thread,
      ...untold,
      ...(who === null ? {} : { causedBy: who }),
    });
    untold = { times: 0, lateMs: 0 };
  };

  const note = (since: Beat, lateMs: number) => {
    const untilMs = clock.nowMs();
    const who = causerOf(since, lateMs);
    gaps = [...gaps.filter((gap) => gap.untilMs > untilMs - REMEMBERED_MS), { fromMs: since.atMs, untilMs, who }];
    onStandstill({ thread, cause: who === null ? "own" : cause, who, lateMs });
    tell(lateMs, who);
  };

  /** Takes in a beat that is no standstill by itself: the last ones together may be one. */
  const addLate = (late: LateBeat) => {
    recent = [...recent, late].slice(-WINDOW_BEATS);
    const first = recent.find(({ lateMs }) => lateMs > JITTER_MS);
    const lateMs = recent.reduce((sum, each) => sum + (each.lateMs > JITTER_MS ? each.lateMs : 0), 0);
    if (first === undefined || lateMs <= MAX_LATE_IN_WINDOW_MS) return;
    recent = [];
    note(first, lateMs);
  };

  return {
    name: "starvation-watch",
    wasStarvedDuring({ startedAtMs, durationMs, hotkey }) {
      // A late time-out of a request may come before the beat that is late as well.
      const lateMs = beat === null ? 0 : lateBy(beat);
      const now = beat !== null && lateMs > MAX_LATE_MS ? [{ fromMs: beat.atMs, untilMs: clock.nowMs(), who: causerOf(beat, lateMs) }] : [];
      const untilMs = Math.max(startedAtMs + durationMs, startedAtMs);
      return [...gaps, ...now].some(
        (gap) => gap.fromMs <= untilMs && gap.untilMs >= startedAtMs && (gap.who === null || gap.who !== hotkey),
      );
    },
    async run(signal) {
      try {
        while (!signal.aborted) {
          const started = { atMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
          beat = started;
          await clock.sleep(BEAT_MS, signal);
          const lateMs = lateBy(started);
          if (lateMs > MAX_LATE_MS) note(started, lateMs);
          else addLate({ ...started, lateMs });
        }
      } finally {
        beat = null;
      }
    },
  };
}
