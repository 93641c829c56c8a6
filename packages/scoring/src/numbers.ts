/** Largest number of work units that is taken at its word; keeps every later product and power finite. */
export const MAX_UNITS = 1e15;

/** Smallest number of work units that counts: below it fractions of it would lose their precision, and a part could round to more than the whole. */
const MIN_UNITS = 1e-12;

/** The value as a count of units: what is not a finite number above 0 or next to nothing is 0, what is absurdly large is {@link MAX_UNITS}. */
export function safeUnits(value: unknown): number {
  if (typeof value !== "number" || !(value >= MIN_UNITS) || value === Number.POSITIVE_INFINITY) return 0;
  return value > MAX_UNITS ? MAX_UNITS : value;
}

/** The value limited to [0, max]; what is not a finite number is 0. */
export function clamp(value: unknown, max: number): number {
  if (typeof value !== "number" || !(value > 0) || value === Number.POSITIVE_INFINITY) return 0;
  return value > max ? max : value;
}

/** Milliseconds as a time that something can have taken: at least 1, because clocks of whole milliseconds read 0; null if unusable. */
export function usableMs(value: unknown): number | null {
  if (typeof value !== "number" || !(value >= 0) || value === Number.POSITIVE_INFINITY) return null;
  return Math.max(value, 1);
}
