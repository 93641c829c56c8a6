/** What a new period's number and limits come from. */
export type NextPeriodInput = {
  /** The newest period ever opened; null before the first. */
  readonly newest: { readonly period: number; readonly endsAtMs: number } | null;
  readonly nowMs: number;
  readonly periodMs: number;
};

/** Number and limits of a period. */
export type PeriodLimits = {
  readonly period: number;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** The multiple of the period's length at which it starts, or before that. */
  readonly boundaryMs: number;
};

// Half an hour proves a capacity as a whole one does; of a few minutes a small miner's plan is no request at all, and one burst is everything.
const SHORTEST_FRACTION = 0.5;
// A clock that is set right at the end of a period moves by less. Above it the newest period was opened by a clock that was wrong.
const MAX_STEP_MS = 60_000;
// Writing the new plan takes a moment; a period that follows at once begins where the one before it ended.
const SWITCH_MS = 10_000;
const SWITCH_FRACTION = 0.05;

/**
 * The period that starts now. It ends at a multiple of its length, as those of all validators do, so that their hours are the same. One
 * that starts in between is shorter; where less than half of a length would be left, it goes on to the multiple after it.
 *
 * Numbers count the multiples that were passed, so that the age of a period is told by its number: after an outage of three periods it
 * jumps by four. The first one is 1. A clock that went back never repeats a number, nor does it let a period begin before the end of
 * the one before it, unless it went back by more than a minute.
 */
export function planNextPeriod({ newest, nowMs, periodMs }: NextPeriodInput): PeriodLimits {
  const sinceMs = newest === null ? Number.POSITIVE_INFINITY : nowMs - newest.endsAtMs;
  const isNext =
    sinceMs >= -Math.min(MAX_STEP_MS, periodMs * SHORTEST_FRACTION) && sinceMs <= Math.min(SWITCH_MS, periodMs * SWITCH_FRACTION);
  const startsAtMs = newest !== null && isNext ? newest.endsAtMs : nowMs;
  const endsAtMs = Math.ceil((startsAtMs + periodMs * SHORTEST_FRACTION) / periodMs) * periodMs;
  const passed = newest === null ? 1 : Math.max(1, Math.round((endsAtMs - newest.endsAtMs) / periodMs));
  return { period: (newest?.period ?? 0) + passed, startsAtMs, endsAtMs, boundaryMs: Math.floor(startsAtMs / periodMs) * periodMs };
}
