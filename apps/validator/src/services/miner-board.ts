import { createRegistry, type SamplerName, type TaskRegistry } from "@vision/protocol";
import { type EpochReport, speedFactor } from "@vision/scoring";
import type { MinerTarget } from "@vision/sdk/client";
import { createFirstTokenTimes, type FirstTokenTimes } from "../domain/first-token-times.js";
import type { FoundSample, ResultRecord } from "../domain/records/index.js";
import { emptyRoutingRecord, type RoutingRecord, withExcuse, withOutcome, withSample } from "../domain/routing-record.js";
import type { Candidate, RoutingView } from "../ports/index.js";

/** A miner that serves a task in the running period. */
export type BoardEntry = {
  readonly target: MinerTarget;
  readonly taskId: string;
  readonly capacityPerHour: number;
  readonly sampler: SamplerName;
};

/** The routing view with its writing side. */
export type MinerBoard = RoutingView & {
  startPeriod(period: number, entries: readonly BoardEntry[]): void;
  /** The registry from now on: tasks added, changed or switched off. */
  setRegistry(registry: TaskRegistry): void;
  noteResult(result: ResultRecord): void;
  /** A result that was noted before turned out to be our own failure. */
  noteExcused(result: ResultRecord): void;
  noteSample(sample: FoundSample): void;
  /** Starts from what an earlier process had found out. */
  seed(report: EpochReport): void;
};

const keyOf = (hotkey: string, taskId: string) => `${hotkey} ${taskId}`;

/** An empty board. */
export function createMinerBoard(initialRegistry: TaskRegistry = createRegistry()): MinerBoard {
  let registry = initialRegistry;
  let currentPeriod: number | null = null;
  let byTask = new Map<string, BoardEntry[]>();
  let targets = new Map<string, MinerTarget>();
  const records = new Map<string, RoutingRecord>();
  const firstTokenTimes = new Map<string, FirstTokenTimes>();

  const change = (hotkey: string, taskId: string, next: (record: RoutingRecord) => RoutingRecord) => {
    const key = keyOf(hotkey, taskId);
    records.set(key, next(records.get(key) ?? emptyRoutingRecord));
  };

  const timesOf = (taskId: string) => {
    const times = firstTokenTimes.get(taskId) ?? createFirstTokenTimes();
    firstTokenTimes.set(taskId, times);
    return times;
  };

  return {
    registry: () => registry,
    setRegistry(next) {
      registry = next;
    },
    task(taskId) {
      const task = registry.get(taskId);
      return task?.isEnabled === true ? task : null;
    },
    candidates: (taskId): readonly Candidate[] =>
      (byTask.get(taskId) ?? []).map((entry) => ({
        ...entry,
        record: records.get(keyOf(entry.target.hotkey, taskId)) ?? emptyRoutingRecord,
      })),
    firstTokenBudgetMs: (taskId) => firstTokenTimes.get(taskId)?.budgetMs() ?? null,
    target: (hotkey) => targets.get(hotkey) ?? null,
    sampler: (hotkey, taskId) => (byTask.get(taskId) ?? []).find(({ target }) => target.hotkey === hotkey)?.sampler ?? "unknown",
    currentPeriod: () => currentPeriod,
    startPeriod(period, entries) {
      currentPeriod = period;
      byTask = new Map();
      targets = new Map();
      const onBoard = new Set<string>();
      for (const entry of entries) {
        const ofTask = byTask.get(entry.taskId) ?? [];
        ofTask.push(entry);
        byTask.set(entry.taskId, ofTask);
        targets.set(entry.target.hotkey, entry.target);
        onBoard.add(keyOf(entry.target.hotkey, entry.taskId));
      }
      // What is not on the board any more must not pile up: a deregistered hotkey comes back as a stranger.
      for (const key of records.keys()) if (!onBoard.has(key)) records.delete(key);
    },
    noteResult(result) {
      change(result.hotkey, result.taskId, (record) => withOutcome(record, result, result.startedAtMs + result.durationMs));
      if (result.outcome === "ok" && result.firstTokenMs !== null) timesOf(result.taskId).note(result.firstTokenMs);
    },
    noteExcused: (result) => change(result.hotkey, result.taskId, withExcuse),
    noteSample(sample) {
      const task = registry.get(sample.taskId);
      if (task === undefined) return;
      change(sample.hotkey, sample.taskId, (record) => withSample(record, sample.qualityFraction * speedFactor(sample, task.target)));
    },
    seed(report) {
      for (const miner of report.miners) {
        for (const task of miner.tasks) {
          if (task.sampleCount === 0) continue;
          records.set(keyOf(miner.hotkey, task.taskId), {
            ...emptyRoutingRecord,
            quality: task.quality,
            okFraction: task.recentServedFraction,
          });
        }
      }
    },
  };
}
