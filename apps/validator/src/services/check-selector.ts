import { type CheckParams, shouldCheck } from "../domain/check-params.js";
import type { Random } from "../domain/random.js";
import type { PendingChecks } from "../ports/index.js";

/** Decides which answers are kept for a check. */
export type CheckSelector = {
  /** Whether to check an answer of a miner at a task of which so many answers are expected in the period. */
  select(hotkey: string, taskId: string, expectedAnswers: number): boolean;
  /** What waits, as the store counts it. */
  setPending(pending: readonly PendingChecks[]): void;
};

/** A selector that counts what it added since the store was last asked. */
export function createCheckSelector(params: CheckParams, random: Random): CheckSelector {
  const byTask = new Map<string, number>();
  const bySeries = new Map<string, number>();
  const seriesOf = (hotkey: string, taskId: string) => `${hotkey} ${taskId}`;
  const add = (hotkey: string, taskId: string, count: number) => {
    const series = seriesOf(hotkey, taskId);
    byTask.set(taskId, (byTask.get(taskId) ?? 0) + count);
    bySeries.set(series, (bySeries.get(series) ?? 0) + count);
  };
  return {
    select(hotkey, taskId, expectedAnswers) {
      const pendingOfTask = byTask.get(taskId) ?? 0;
      const pendingOfMiner = bySeries.get(seriesOf(hotkey, taskId)) ?? 0;
      if (!shouldCheck({ expectedAnswers, pendingOfTask, pendingOfMiner, draw: random.next() }, params)) return false;
      add(hotkey, taskId, 1);
      return true;
    },
    setPending(pending) {
      byTask.clear();
      bySeries.clear();
      for (const { hotkey, taskId, count } of pending) add(hotkey, taskId, count);
    },
  };
}
