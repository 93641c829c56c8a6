import { clamp, safeUnits } from "../numbers.js";
import type { PeriodTally } from "../observation.js";
import type { PeriodScoreParams } from "../params.js";

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
  return Math.max(good * (1 - refused * untried) * (1 - failed * untried) ** failurePower, 0);
}

/**
 * Share of the announced volume that was left unserved: 1 if nothing was served, 0 if all of it was, or if nothing was announced.
 */
export function unservedFraction(servedUnits: number, declaredUnits: number): number {
  if (declaredUnits <= 0 || servedUnits >= declaredUnits) return 0;
  return 1 - servedUnits / declaredUnits;
}

/**
 * What a period's misses cost, in work units, given the share of the announced volume that was left unserved.
 *
 * A failed unit costs at least itself. A refused unit costs nothing once the announced volume is used, and never more than a failed one.
 */
export function missCharge(
  misses: { readonly failedUnits: number; readonly rateLimitedUnits: number },
  unserved: number,
  params: Extract<PeriodScoreParams, { kind: "charged-volume" }>,
): number {
  return (
    misses.failedUnits * (1 + params.failureSeverity * unserved) +
    misses.rateLimitedUnits * (1 + params.failureSeverity) * unserved ** params.refusalPower
  );
}

/**
 * Reliability of one miner at one task in one period.
 *
 * @returns 0 to 1; null if nothing counts: nothing asked, or (reference) nothing declared.
 */
export function periodScore(tally: PeriodTally, params: PeriodScoreParams): number | null {
  if (params.kind === "reference") {
    const score = referencePeriodScore(
      {
        requests: safeUnits(tally.requests),
        declaredUnits: safeUnits(tally.declaredCapacityUnits),
        completedUnits: safeUnits(tally.completedUnits),
        rateLimitedCount: safeUnits(tally.rateLimitedCount),
        failedCount: safeUnits(tally.failedCount),
      },
      params.failurePower,
    );
    return score === null ? null : clamp(score, 1);
  }
  const attempted = safeUnits(tally.attemptedUnits);
  const rateLimitedUnits = clamp(tally.rateLimitedUnits, attempted);
  const failedUnits = clamp(tally.failedUnits, attempted - rateLimitedUnits);
  const served = attempted - rateLimitedUnits - failedUnits;
  const unserved = unservedFraction(served, safeUnits(tally.declaredCapacityUnits));
  const charged = served + missCharge({ failedUnits, rateLimitedUnits }, unserved, params);
  return charged > 0 ? served / charged : null;
}
