import type { Decay } from "../decay.js";
import type { CapacityParams } from "../params.js";
import type { PeriodRows } from "../period-rows.js";
import { unservedFraction } from "./period-score.js";

/** What one miner is credited with at one task, and why. All in work units per hour unless said otherwise. */
export type CreditedCapacity = {
  readonly provenCapacityPerHour: number;
  readonly missedCapacityPerHour: number;
  /** Times; 1 or more. */
  readonly headroomFactor: number;
  /** 0 to 1. */
  readonly claimFactor: number;
  /** 0 to 1. */
  readonly recentServedFraction: number;
  readonly creditedCapacityPerHour: number;
};

/** Decays by age in periods, made from the half-lives of {@link CapacityParams}. */
export type CapacityDecays = { readonly proof: Decay; readonly miss: Decay; readonly recent: Decay };

/** When an epoch is, and what fades how fast. */
export type CapacityTime = { readonly decays: CapacityDecays; readonly period: number; readonly periodsPerHour: number };

/** What the record shows of a capacity, before anything is credited. */
export function capacityFacts(
  rows: PeriodRows,
  { decays, period, periodsPerHour }: CapacityTime,
): Pick<CreditedCapacity, "provenCapacityPerHour" | "missedCapacityPerHour" | "recentServedFraction"> {
  let proven = 0;
  let missed = 0;
  let recentServed = 0;
  let recentCharged = 0;
  const newest = rows.period[rows.length - 1] ?? 0;
  for (let index = 0; index < rows.length; index += 1) {
    const rowPeriod = rows.period[index] ?? 0;
    const age = period - rowPeriod;
    const served = rows.served[index] ?? 0;
    const declared = rows.declared[index] ?? 0;
    const unserved = unservedFraction(served, declared);
    const misses = (rows.failed[index] ?? 0) + (rows.rateLimited[index] ?? 0) * unserved;
    proven = Math.max(proven, (rows.completed[index] ?? 0) * decays.proof(age));
    missed = Math.max(missed, Math.min(misses, Math.max(declared - served, 0)) * decays.miss(age));
    const recent = decays.recent(newest - rowPeriod);
    recentServed += served * recent;
    recentCharged += (served + misses) * recent;
  }
  proven *= periodsPerHour;
  missed *= periodsPerHour;
  const recentServedFraction = recentCharged > 0 ? recentServed / recentCharged : 0;
  return { provenCapacityPerHour: proven, missedCapacityPerHour: missed, recentServedFraction };
}

/**
 * Capacity that is paid for: the declared one, as far as completed work has proven it.
 *
 * - proven P: the best volume per hour that one period completed, faded with age.
 * - missed M: the largest volume per hour that one period asked for within the declared capacity and did not get, faded with age. A refused
 *   unit counts by the share of the announced volume that was left unserved, so a full miner may refuse.
 * - doubt d = min(1, missSeverity x M / P): how far the misses have disproved the declaration.
 * - credit: min(declared, P x headroom) x claim factor x (P / (P + M)) ^ missPower. Headroom shrinks to 1 and the claim factor to
 *   P / declared as d grows: a miner that has shown its limit is not credited beyond it, and one that declares far more than it has shown is
 *   credited with far less than it can do, until it declares what it can do.
 * - nothing for a miner that served nothing of the latest volume.
 *
 * One more good answer never lowers it: P and the recent share can only rise, and M can only fall.
 */
export function creditedCapacity(
  rows: PeriodRows,
  declaredPerHour: number,
  context: CapacityTime & { readonly params: CapacityParams },
): CreditedCapacity {
  const { params } = context;
  const facts = capacityFacts(rows, context);
  const { provenCapacityPerHour: proven, missedCapacityPerHour: missed, recentServedFraction } = facts;
  const doubt = proven > 0 ? Math.min(1, params.missSeverity * (missed / proven)) : 1;
  const headroomFactor = 1 + (params.headroom - 1) * (1 - doubt);
  const claimFactor = declaredPerHour > proven ? 1 - doubt * (1 - proven / declaredPerHour) : 1;
  const reliability = proven > 0 ? (proven / (proven + missed)) ** params.missPower : 0;
  const presence = Math.min(1, recentServedFraction / params.recentFullFraction);
  return {
    ...facts,
    headroomFactor,
    claimFactor,
    creditedCapacityPerHour: Math.min(declaredPerHour, proven * headroomFactor) * claimFactor * reliability * presence,
  };
}
