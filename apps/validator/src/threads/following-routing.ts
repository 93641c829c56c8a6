import { enabledTasks, type TaskRegistry } from "@vision/protocol";
import { type RoutedOutcome, withOutcome } from "../domain/routing-record.js";
import type { Candidate, RoutingView } from "../ports/index.js";

/** What the core tells of miners and tasks from time to time. */
export type RoutingSnapshot = {
  readonly registry: TaskRegistry;
  readonly period: number | null;
  readonly candidates: ReadonlyMap<string, readonly Candidate[]>;
  readonly firstTokenBudgetMs: ReadonlyMap<string, number | null>;
};

/** What a view is now, for one that follows it. */
export function snapshotOf(
  routing: Pick<RoutingView, "registry" | "currentPeriod" | "candidates" | "firstTokenBudgetMs">,
): RoutingSnapshot {
  const registry = routing.registry();
  const tasks = enabledTasks(registry);
  return {
    ...{ registry, period: routing.currentPeriod() },
    candidates: new Map(tasks.map(({ id }) => [id, routing.candidates(id)])),
    firstTokenBudgetMs: new Map(tasks.map(({ id }) => [id, routing.firstTokenBudgetMs(id)])),
  };
}

/** The routing view of another thread. */
export type FollowingRouting = RoutingView & {
  /** Goes by this from now on. Whatever was noted before is in it. */
  follow(snapshot: RoutingSnapshot): void;
  /** What a request made here says of its miner, until the core tells the same: requests in the meantime are routed by it. */
  note(miner: { readonly hotkey: string; readonly taskId: string }, outcome: RoutedOutcome, nowMs: number): void;
};

/** A view that starts with this. */
export function createFollowingRouting(first: RoutingSnapshot): FollowingRouting {
  let { registry, period, firstTokenBudgetMs } = first;
  let candidates = new Map(first.candidates);
  return {
    registry: () => registry,
    task(taskId) {
      const task = registry.get(taskId);
      return task?.isEnabled === true ? task : null;
    },
    candidates: (taskId) => candidates.get(taskId) ?? [],
    firstTokenBudgetMs: (taskId) => firstTokenBudgetMs.get(taskId) ?? null,
    target: () => null,
    // Checks are made where answers are received, which is not here.
    sampler: () => "unknown",
    currentPeriod: () => period,
    follow(snapshot) {
      ({ registry, period, firstTokenBudgetMs } = snapshot);
      candidates = new Map(snapshot.candidates);
    },
    note({ hotkey, taskId }, outcome, nowMs) {
      const noted = (candidates.get(taskId) ?? []).map((candidate) =>
        candidate.target.hotkey === hotkey ? { ...candidate, record: withOutcome(candidate.record, outcome, nowMs) } : candidate,
      );
      candidates.set(taskId, noted);
    },
  };
}
