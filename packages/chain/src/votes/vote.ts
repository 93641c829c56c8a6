import { ChainError } from "../errors/chain-error.js";

/** One validator's wish for the task weights: parts per million by task id. All positive, together exactly 1,000,000. */
export type Vote = ReadonlyMap<string, number>;

/** The whole. */
export const VOTE_TOTAL_PPM = 1_000_000;
/** Most tasks in one vote. */
export const MAX_VOTE_TASKS = 64;

/**
 * A vote out of shares of any scale, such as `chat-tiny=0.6 image-tiny=0.4` or `3` and `2`. Shares are scaled to 1,000,000; what
 * rounding leaves over goes to the largest remainders, ties to the first id.
 *
 * @throws {@link ChainError} `CHAIN_INVALID_VOTE` for a negative or non-finite share, or when all are zero.
 */
export function createVote(shares: Readonly<Record<string, number>>): Vote {
  const entries = Object.entries(shares);
  const total = entries.reduce((sum, [, share]) => sum + share, 0);
  if (entries.some(([, share]) => !(share >= 0)) || !Number.isFinite(total) || total <= 0) {
    throw invalidVote("The shares of a vote must be finite, not negative, and not all zero.");
  }
  // Twelve decimal digits are more than a person writes; from here on integers only.
  const scaled = new Map(entries.map(([task, share]) => [task, BigInt(Math.round((share / total) * 1e12))]));
  return new Map([...shareOut(scaled)].filter(([, ppm]) => ppm > 0));
}

/**
 * 1,000,000 shared out in proportion to integer amounts, exactly: floors first, then one each to the largest remainders, ties to the
 * first task id. Returned in order of task id. All zero when the amounts are.
 */
export function shareOut(amounts: ReadonlyMap<string, bigint>): ReadonlyMap<string, number> {
  const ids = [...amounts.keys()].sort(compareIds);
  const total = ids.reduce((sum, id) => sum + (amounts.get(id) ?? 0n), 0n);
  if (total === 0n) return new Map(ids.map((id) => [id, 0]));
  const parts = ids.map((id) => {
    const product = (amounts.get(id) ?? 0n) * BigInt(VOTE_TOTAL_PPM);
    return { id, ppm: Number(product / total), rest: product % total };
  });
  const left = VOTE_TOTAL_PPM - parts.reduce((sum, part) => sum + part.ppm, 0);
  const byRest = [...parts].sort((a, b) => (a.rest === b.rest ? compareIds(a.id, b.id) : a.rest > b.rest ? -1 : 1));
  const lucky = new Set(byRest.slice(0, left).map((part) => part.id));
  return new Map(parts.map(({ id, ppm }) => [id, lucky.has(id) ? ppm + 1 : ppm]));
}

/** Order of task ids: by their ASCII bytes, the same on every machine and in every locale. */
export function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The error for a vote that cannot be made. */
export function invalidVote(message: string): ChainError {
  return new ChainError({ code: "CHAIN_INVALID_VOTE", message });
}
