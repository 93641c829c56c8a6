import type { Task } from "@vision/protocol";

/** Work units that a finished request counts as. */
export type CountedUnits = { readonly attemptedUnits: number; readonly completedUnits: number };

/** A finished answer, as far as its volume goes. */
export type AnswerVolume = {
  /** Work units that the family counts in the answer. */
  readonly deliveredUnits: number;
  /** The most that was asked for. */
  readonly maxUnits: number;
  /** Whether an answer without any content can be right: the request names stop sequences, and the first token may be one. */
  readonly mayBeEmpty: boolean;
};

/**
 * Units of an answered request: what was delivered, at most what was asked for. Both counts are the same, so a miner does not lose by
 * an answer that ends early. One that may be empty took one token to find that out.
 *
 * @returns null for an answer of nothing that is not allowed to be: that is no answer, and must not be a cheap way to be done with a request.
 */
export function countAnsweredUnits({ deliveredUnits, maxUnits, mayBeEmpty }: AnswerVolume): CountedUnits | null {
  const completedUnits = Number.isFinite(deliveredUnits) ? Math.max(0, Math.min(deliveredUnits, maxUnits)) : 0;
  if (completedUnits > 0) return { attemptedUnits: completedUnits, completedUnits };
  return mayBeEmpty ? { attemptedUnits: 1, completedUnits: 1 } : null;
}

/**
 * Units of a request that was not answered: what a typical answer would have had, at most what was asked for. Output limits are far above
 * what answers use, so counting the limit would make one miss weigh as much as many answers.
 */
export function countMissedUnits(task: Task, maxUnits: number): CountedUnits {
  return { attemptedUnits: Math.min(maxUnits, task.typicalUnitsPerRequest), completedUnits: 0 };
}
