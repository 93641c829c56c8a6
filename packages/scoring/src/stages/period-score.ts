import { clamp, safeUnits } from "../numbers.js";
import type { PeriodTally } from "../observation.js";
import type { PeriodScoreParams } from "../params.js";
import { power } from "../power.js";

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
  params: PeriodScoreParams,
): number {
  return (
    misses.failedUnits * (1 + params.failureSeverity * unserved) +
    misses.rateLimitedUnits * (1 + params.failureSeverity) * power(unserved, params.refusalPower)
  );
}

/**
 * Reliability of one miner at one task in one period.
 *
 * @returns 0 to 1; null if nothing was asked.
 */
export function periodScore(tally: PeriodTally, params: PeriodScoreParams): number | null {
  const attempted = safeUnits(tally.attemptedUnits);
  const rateLimitedUnits = clamp(tally.rateLimitedUnits, attempted);
  const failedUnits = clamp(tally.failedUnits, attempted - rateLimitedUnits);
  const served = attempted - rateLimitedUnits - failedUnits;
  const unserved = unservedFraction(served, safeUnits(tally.declaredCapacityUnits));
  const charged = served + missCharge({ failedUnits, rateLimitedUnits }, unserved, params);
  return charged > 0 ? served / charged : null;
}
