import type { Task } from "@vision/protocol";

/** Work units that a finished request counts as. */
export type CountedUnits = { readonly attemptedUnits: number; readonly completedUnits: number };

/**
 * Units of an answered request: what was delivered, at most what was asked for. Both counts are the same, so a miner does not lose by
 * an answer that ends early.
 */
export function countAnsweredUnits(deliveredUnits: number, maxUnits: number): CountedUnits {
  const completedUnits = Number.isFinite(deliveredUnits) ? Math.max(0, Math.min(deliveredUnits, maxUnits)) : 0;
  return { attemptedUnits: completedUnits, completedUnits };
}

/**
 * Units of a request that was not answered: what a typical answer would have had, at most what was asked for. Output limits are far above
 * what answers use, so counting the limit would make one miss weigh as much as many answers.
 */
export function countMissedUnits(task: Task, maxUnits: number): CountedUnits {
  return { attemptedUnits: Math.min(maxUnits, task.typicalUnitsPerRequest), completedUnits: 0 };
}
