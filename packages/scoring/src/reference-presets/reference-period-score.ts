import { power } from "../power.js";

/** The counts that the reference's period score is made from. Volumes in work units. */
export type ReferencePeriodCounts = {
  readonly requests: number;
  readonly declaredUnits: number;
  readonly completedUnits: number;
  readonly rateLimitedCount: number;
  readonly failedCount: number;
};

/**
 * Period score as the reference computes it, with its holes: counts, not volume, and no upper bound.
 *
 * Source: facts on the reference subnet, section 1.5.
 *
 * @returns 0 or more; null if nothing was asked or nothing was declared.
 */
export function referencePeriodScore(counts: ReferencePeriodCounts, failurePower: number): number | null {
  if (counts.requests === 0 || counts.declaredUnits === 0) return null;
  const declared = Math.max(counts.declaredUnits, 1);
  const untried = Math.max(declared - counts.completedUnits, 0) / declared;
  const refused = counts.rateLimitedCount / counts.requests;
  const failed = counts.failedCount / counts.requests;
  const good = (counts.requests - counts.rateLimitedCount - counts.failedCount) / counts.requests;
  return Math.max(good * (1 - refused * untried) * power(1 - failed * untried, failurePower), 0);
}
