/** What a new period's number and limits come from. */
export type NextPeriodInput = {
  /** The newest period ever opened; null before the first. */
  readonly newest: { readonly period: number; readonly startsAtMs: number } | null;
  readonly nowMs: number;
  readonly periodMs: number;
};

/** Number and limits of a period. */
export type PeriodLimits = { readonly period: number; readonly startsAtMs: number; readonly endsAtMs: number };

/**
 * The period that starts now. Numbers count period lengths, gaps included: after an outage of three periods the number jumps by four,
 * so that the age of a period is told by its number. The first one is 1. A clock that went back never repeats a number.
 */
export function planNextPeriod({ newest, nowMs, periodMs }: NextPeriodInput): PeriodLimits {
  const step = newest === null ? 1 : Math.max(1, Math.floor((nowMs - newest.startsAtMs) / periodMs));
  const period = (newest?.period ?? 0) + step;
  return { period, startsAtMs: nowMs, endsAtMs: nowMs + periodMs };
}
