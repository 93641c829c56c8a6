import { type CheckParams, decideCheck, type Random } from "@vision/scoring/probing";
import type { PendingChecks } from "../domain/records/index.js";
import type { Clock, Logger, ValidatorMetrics } from "../ports/index.js";
import { createSteadyState, type SteadyState } from "./steady-state.js";

/** Decides which answers are kept for a check. */
export type CheckSelector = {
  /** Whether to check an answer of a miner at a task of which so many answers are expected in the period, by its plan. */
  select(hotkey: string, taskId: string, expected: { readonly answers: number; readonly isBigDraw: boolean }): boolean;
  /** What waits, as the store counts it. */
  setPending(pending: readonly PendingChecks[]): void;
  /** How many of a task wait, those included that were selected since. */
  pendingOf(taskId: string): number;
};

/** What a selector works with. */
export type CheckSelectorDependencies = {
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<ValidatorMetrics, "checksSkippedTotal">;
};

const STEADY_MS = 60_000;
/** Of the most that may wait: below it a backlog counts as worked off. */
const CAUGHT_UP_FRACTION = 0.5;

/** A selector that counts what it added since the store was last asked. The backlog is bounded, and a full one is told. */
export function createCheckSelector(params: CheckParams, dependencies: CheckSelectorDependencies): CheckSelector {
  const { random, clock, logger, metrics } = dependencies;
  const byTask = new Map<string, number>();
  const bySeries = new Map<string, number>();
  const backlogs = new Map<string, SteadyState<"keepsUp" | "behind">>();
  const seriesOf = (hotkey: string, taskId: string) => `${hotkey} ${taskId}`;
  const add = (hotkey: string, taskId: string, count: number) => {
    const series = seriesOf(hotkey, taskId);
    byTask.set(taskId, (byTask.get(taskId) ?? 0) + count);
    bySeries.set(series, (bySeries.get(series) ?? 0) + count);
  };

  const backlogOf = (task: string) => {
    const known = backlogs.get(task);
    if (known !== undefined) return known;
    const facts = () => ({ task, pending: byTask.get(task) ?? 0, mostPending: params.maxPendingPerTask, workers: params.concurrency });
    const backlog = createSteadyState<"keepsUp" | "behind">({
      ...{ initial: "keepsUp", steadyMs: STEADY_MS, clock },
      tell(state) {
        if (state === "behind") logger.warn("Checks do not keep up: fewer answers are checked than were to be", facts());
        else logger.info("Checks keep up again", facts());
      },
    });
    backlogs.set(task, backlog);
    return backlog;
  };

  return {
    select(hotkey, taskId, { answers: expectedAnswers, isBigDraw }) {
      const pendingOfTask = byTask.get(taskId) ?? 0;
      const pendingOfMiner = bySeries.get(seriesOf(hotkey, taskId)) ?? 0;
      const decision = decideCheck({ isBigDraw, expectedAnswers, pendingOfTask, pendingOfMiner, draw: random.next() }, params);
      if (decision === "check") add(hotkey, taskId, 1);
      if (decision === "noRoom") {
        metrics.checksSkippedTotal.inc({ task: taskId });
        // One miner's flood alone says nothing about our pace.
        if (pendingOfTask >= params.maxPendingPerTask) backlogOf(taskId).note("behind");
      }
      return decision === "check";
    },
    pendingOf: (taskId) => byTask.get(taskId) ?? 0,
    setPending(pending) {
      byTask.clear();
      bySeries.clear();
      for (const { hotkey, taskId, count } of pending) add(hotkey, taskId, count);
      for (const [taskId, backlog] of backlogs) {
        if ((byTask.get(taskId) ?? 0) < params.maxPendingPerTask * CAUGHT_UP_FRACTION) backlog.note("keepsUp");
      }
    },
  };
}
