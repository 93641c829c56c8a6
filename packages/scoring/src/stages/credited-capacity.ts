import { createLinearFade, type Decay } from "../decay.js";
import type { EpochTime } from "../epoch-time.js";
import type { CapacityParams } from "../params.js";
import { type PeriodRows, toUsualLength } from "../period-rows.js";
import { power } from "../power.js";
import { isBigDraw } from "../probing/big-draw.js";

/** What one miner is credited with at one task, and why. All in work units per hour unless said otherwise. */
export type CreditedCapacity = {
  readonly provenCapacityPerHour: number;
  readonly triedCapacityPerHour: number;
  readonly meanDeclaredPerHour: number;
  readonly missedCapacityPerHour: number;
  /** Times; 1 or more. */
  readonly headroomFactor: number;
  /** 0 to 1. */
  readonly claimFactor: number;
  /** 0 to 1. */
  readonly recentServedFraction: number;
  readonly creditedCapacityPerHour: number;
};

/** Weights by age in periods, made from the hours of {@link CapacityParams}. */
export type CapacityFades = { readonly memory: Decay; readonly recent: Decay };

/** When an epoch is, and what fades how fast. */
export type CapacityContext = EpochTime & { readonly fades: CapacityFades; readonly params: CapacityParams };

/** What the record shows of a capacity, before anything is credited. */
export function capacityFacts(
  rows: PeriodRows,
  { fades, period, periodsPerHour, params }: CapacityContext,
): Pick<CreditedCapacity, "provenCapacityPerHour" | "triedCapacityPerHour" | "missedCapacityPerHour" | "recentServedFraction"> {
  let proven = 0;
  let tried = 0;
  let missed = 0;
  let recentServed = 0;
  let recentCharged = 0;
  const newest = rows.period[rows.length - 1] ?? 0;
  for (let index = 0; index < rows.length; index += 1) {
    const rowPeriod = rows.period[index] ?? 0;
    const memory = fades.memory(period - rowPeriod) * toUsualLength(rows, index, periodsPerHour);
    const served = rows.served[index] ?? 0;
    const declared = rows.declared[index] ?? 0;
    const misses = (rows.failed[index] ?? 0) + (rows.rateLimited[index] ?? 0);
    proven = Math.max(proven, (rows.completed[index] ?? 0) * memory);
    tried = Math.max(tried, (served + misses) * memory);
    const within = misses === 0 ? 0 : Math.min(misses, Math.max(declared - served, 0));
    // What fails of a few requests is an accident, and the average counts it; only who was asked for much shows what it cannot do.
    if (within > 0 && isBigDraw({ triedFraction: (rows.planned[index] ?? 0) / declared }))
      missed = Math.max(missed, Math.max(within - params.missTolerance * declared, 0) * memory);
    const recent = fades.recent(newest - rowPeriod);
    recentServed += served * recent;
    recentCharged += (served + within) * recent;
  }
  return {
    provenCapacityPerHour: proven * periodsPerHour,
    triedCapacityPerHour: tried * periodsPerHour,
    missedCapacityPerHour: missed * periodsPerHour,
    recentServedFraction: recentCharged > 0 ? recentServed / recentCharged : 0,
  };
}

// An hour away costs a quarter more than it saves: who is there when it counts earns less for an hour of hardware than who stays.
const ABSENCE_COST = 1.25;

/** Nothing up to the forgiven absence, all of it from twice that on: a rest that is always free would be taken by everybody. */
function chargedAbsence(absent: number, forgiven: number): number {
  return ABSENCE_COST * Math.max(0, Math.min(absent, 2 * (absent - forgiven)));
}

/**
 * Mean of what a miner declared in the time before, as far back as it has a row, in work units per hour; at most what it declares now.
 * Newer periods weigh more, in a straight line, so that no period leaves with a jump. A held period without a row counts as 0, but for
 * the forgiven absence.
 */
function meanDeclared(rows: PeriodRows, declaredPerHour: number, context: Omit<CapacityContext, "fades">): number {
  const { params, period, periodsPerHour, heldPeriods } = context;
  const fade = createLinearFade({ full: 0, none: params.declaredMeanHours }, periodsPerHour);
  let sum = 0;
  let weightSum = 0;
  // Newest first: what is too old to weigh anything is most of the record.
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const weight = fade(period - (rows.period[index] ?? 0));
    if (weight === 0) break;
    const served = rows.served[index] ?? 0;
    const missed = (rows.failed[index] ?? 0) + (rows.rateLimited[index] ?? 0);
    // Whoever answered nothing of what it was asked was not there, whatever it declared.
    if (served === 0 && missed > 0) continue;
    const declared = (rows.declared[index] ?? 0) * toUsualLength(rows, index, periodsPerHour);
    sum += weight * Math.min(declared * periodsPerHour, declaredPerHour);
    weightSum += weight;
  }
  if (weightSum === 0) return heldPeriods === null || rows.length === 0 ? declaredPerHour : 0;
  let heldWeight = 0;
  const first = rows.period[0] ?? 0;
  for (let index = (heldPeriods?.length ?? 0) - 1; index >= 0; index -= 1) {
    const held = heldPeriods?.[index] ?? 0;
    const weight = fade(period - held);
    if (held < first || weight === 0) break;
    if (held <= period) heldWeight += weight;
  }
  const absentWeight = chargedAbsence(heldWeight - weightSum, params.forgivenAbsenceHours * periodsPerHour);
  // A mean of equal values may round to a little more than they are.
  return Math.min(sum / (weightSum + absentWeight), declaredPerHour);
}

/**
 * Capacity that is paid for: the declared one, as far as verified work has proven it.
 *
 * - declared D: what is declared now, at most the mean of the last day, in which absence counts as 0.
 * - proven P: the best volume per hour that one period completed, faded with age.
 * - missed M: the largest volume per hour that one period asked for within the declared capacity and did not get, above the tolerance,
 *   faded with age as slowly as proof. Only periods whose plan was a large draw disprove: what fails of little is an accident.
 * - doubt d = min(1, missSeverity x M / P): how far the misses have disproved the declaration.
 * - credit: min(D, P x headroom) x claim factor x ((P - M) / (P + M)) ^ missPower, nothing where M is P or more. Headroom shrinks to 1 and the claim factor to
 *   P / D as d grows: a miner that has shown its limit is not credited beyond it, and one that declares far more than it has shown is
 *   credited with far less than it can do, until it declares what it can do.
 * - nothing for a miner that served nothing of the latest volume.
 *
 * One more good answer never lowers it: P and the recent share can only rise, and M can only fall.
 */
export function creditedCapacity(rows: PeriodRows, declaredPerHour: number, context: CapacityContext): CreditedCapacity {
  const { params } = context;
  const facts = capacityFacts(rows, context);
  const { provenCapacityPerHour: proven, missedCapacityPerHour: missed, recentServedFraction } = facts;
  const meanDeclaredPerHour = meanDeclared(rows, declaredPerHour, context);
  const doubt = proven > 0 ? Math.min(1, params.missSeverity * (missed / proven)) : 1;
  const headroomFactor = 1 + (params.headroom - 1) * (1 - doubt);
  const claimFactor = declaredPerHour > proven ? 1 - doubt * (1 - proven / declaredPerHour) : 1;
  const reliability = proven > 0 ? power(Math.max(0, proven - missed) / (proven + missed), params.missPower) : 0;
  const presence = Math.min(1, recentServedFraction / params.recentFullFraction);
  return {
    provenCapacityPerHour: proven,
    triedCapacityPerHour: facts.triedCapacityPerHour,
    missedCapacityPerHour: missed,
    recentServedFraction,
    meanDeclaredPerHour,
    headroomFactor,
    claimFactor,
    creditedCapacityPerHour: Math.min(meanDeclaredPerHour, proven * headroomFactor) * claimFactor * reliability * presence,
  };
}
