const LONGEST_TEXT = 2_000;
const LARGEST_REAL = 3e38;
const LARGEST_INTEGER = 2_147_483_647;

/** Text as PostgreSQL takes it: NUL becomes U+FFFD, and what is longer than 2000 characters is cut. Miners choose some of these texts. */
export function cleanText(text: string): string {
  const short = text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text;
  return short.includes("\0") ? short.replaceAll("\0", "\uFFFD") : short;
}

/** {@link cleanText} of a text that may be missing. */
export function cleanOptionalText(text: string | null): string | null {
  return text === null ? null : cleanText(text);
}

/** The number, or 0 for NaN and infinities: one of them in a sum would spoil the sum for good. */
export function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

/** The number as a `real` column takes it, to seven digits; 0 for NaN and infinities. */
export function real(value: number): number {
  return Math.fround(Math.min(Math.max(finite(value), -LARGEST_REAL), LARGEST_REAL));
}

/** {@link real}, or null for a missing one, NaN and infinities. */
export function realOrNull(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? real(value) : null;
}

/** A count that an integer column takes. */
export function count(value: number): number {
  return Math.min(Math.max(whole(value), 0), LARGEST_INTEGER);
}

/** A whole number that a bigint column takes. */
export function whole(value: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(Math.round(value), -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER) : 0;
}

/** JSON text of any value; of nothing, `null`. Never holds a raw NUL. */
export function toJson(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}
