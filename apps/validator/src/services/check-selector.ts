import { type CheckParams, shouldCheck } from "../domain/check-params.js";
import type { Random } from "../domain/random.js";

/** Decides which answers are kept for a check. */
export type CheckSelector = {
  /** Whether to check an answer of a task of which so many answers are expected of the miner in the period. */
  select(taskId: string, expectedAnswers: number): boolean;
  /** What waits, as the store counts it. */
  setPending(pending: ReadonlyMap<string, number>): void;
};

/** A selector that counts what it added since the store was last asked. */
export function createCheckSelector(params: CheckParams, random: Random): CheckSelector {
  let pending = new Map<string, number>();
  return {
    select(taskId, expectedAnswers) {
      const pendingOfTask = pending.get(taskId) ?? 0;
      if (!shouldCheck({ expectedAnswers, pendingOfTask, draw: random.next() }, params)) return false;
      pending.set(taskId, pendingOfTask + 1);
      return true;
    },
    setPending(next) {
      pending = new Map(next);
    },
  };
}
