/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;
const MONTHS_A_YEAR = 12;
const FIRST_YEAR = 1970;

/** The calendar month of a time, counted from January 1970 in UTC. */
export function monthOf(atMs: number): number {
  const date = new Date(atMs);
  return (date.getUTCFullYear() - FIRST_YEAR) * MONTHS_A_YEAR + date.getUTCMonth();
}

/** The day of a time, counted from 1970 in UTC. */
export function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS);
}

/** The calendar month of such a day. */
export function monthOfDay(day: number): number {
  return monthOf(day * DAY_MS);
}

/** When such a month begins, Unix milliseconds. */
export function startOfMonth(month: number): number {
  return Date.UTC(FIRST_YEAR, month);
}
