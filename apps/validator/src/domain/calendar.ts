const MONTHS_A_YEAR = 12;
const FIRST_YEAR = 1970;

/** The calendar month of a time, counted from January 1970 in UTC. */
export function monthOf(atMs: number): number {
  const date = new Date(atMs);
  return (date.getUTCFullYear() - FIRST_YEAR) * MONTHS_A_YEAR + date.getUTCMonth();
}

/** When such a month begins, Unix milliseconds. */
export function startOfMonth(month: number): number {
  return Date.UTC(FIRST_YEAR, month);
}
