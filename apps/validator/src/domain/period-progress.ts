import { addToTally, emptyTally, isCounted } from "@vision/scoring";
import type { PeriodCounts, PeriodRecord, PlannedProbe, ResultRecord } from "./records/index.js";
import { type ProbeProgress, remainingRequests } from "./schedule.js";

/** One miner and task in the running period: its plan and what came of it so far. */
export type ProbeState = PlannedProbe &
  PeriodCounts & {
    readonly sentRequests: number;
    readonly inFlight: number;
    /** Requests of the plan that nobody was asked for when the time to send them was over. */
    readonly unsentRequests: number;
  };

/** The running record of one period, in memory: what is left to send is told without asking the store. */
export type PeriodProgress = {
  readonly period: PeriodRecord;
  states(): readonly ProbeState[];
  get(hotkey: string, taskId: string): ProbeState | null;
  /** A synthetic request was started. */
  noteSent(hotkey: string, taskId: string): void;
  /** It ended, however. */
  noteSettled(hotkey: string, taskId: string): void;
  /** The time to send was over, and so many requests of the plan were left. */
  noteUnsent(hotkey: string, taskId: string, count: number): void;
  /** A result of this period; results of other periods change nothing. */
  noteResult(result: ResultRecord): void;
  /** A result that was noted with the miner to blame turned out to be our own failure: it counts no more. */
  noteExcused(result: ResultRecord): void;
  /** Requests that a plan still needs. */
  remaining(hotkey: string, taskId: string, unitsPerRequest: number): number;
};

/** Counts of a period in which nothing happened yet. */
export const emptyCounts: PeriodCounts = { ...emptyTally, organicCount: 0 };

/** Counts with one more result. */
export function addResult(counts: PeriodCounts, result: ResultRecord): PeriodCounts {
  const isOrganic = isCounted(result) && result.isOrganic;
  return { ...counts, ...addToTally(counts, result), organicCount: counts.organicCount + (isOrganic ? 1 : 0) };
}

function subtractCounts(counts: PeriodCounts, less: PeriodCounts): PeriodCounts {
  const names = Object.keys(emptyCounts) as (keyof PeriodCounts)[];
  return Object.fromEntries(names.map((name) => [name, Math.max(0, counts[name] - less[name])])) as PeriodCounts;
}

const keyOf = (hotkey: string, taskId: string) => `${hotkey} ${taskId}`;

/**
 * Progress of a period that starts now, or of one that was interrupted: the probes then carry the counts that were recorded.
 */
export function createPeriodProgress(period: PeriodRecord, probes: readonly (PlannedProbe & Partial<PeriodCounts>)[]): PeriodProgress {
  const states = new Map<string, ProbeState>(
    probes.map((probe) => {
      const counts = { ...emptyCounts, ...probe };
      return [
        keyOf(probe.hotkey, probe.taskId),
        { ...probe, ...counts, sentRequests: counts.requests - counts.organicCount, inFlight: 0, unsentRequests: 0 },
      ];
    }),
  );
  const change = (hotkey: string, taskId: string, next: (state: ProbeState) => ProbeState) => {
    const state = states.get(keyOf(hotkey, taskId));
    if (state !== undefined) states.set(keyOf(hotkey, taskId), next(state));
  };
  return {
    period,
    states: () => [...states.values()],
    get: (hotkey, taskId) => states.get(keyOf(hotkey, taskId)) ?? null,
    noteSent: (hotkey, taskId) =>
      change(hotkey, taskId, (state) => ({ ...state, sentRequests: state.sentRequests + 1, inFlight: state.inFlight + 1 })),
    noteSettled: (hotkey, taskId) => change(hotkey, taskId, (state) => ({ ...state, inFlight: Math.max(0, state.inFlight - 1) })),
    noteUnsent: (hotkey, taskId, count) => change(hotkey, taskId, (state) => ({ ...state, unsentRequests: count })),
    noteResult(result) {
      if (result.period !== period.period) return;
      change(result.hotkey, result.taskId, (state) => ({ ...state, ...addResult(state, result) }));
    },
    noteExcused(result) {
      if (result.period !== period.period) return;
      const counted = addResult(emptyCounts, { ...result, blame: "miner" });
      change(result.hotkey, result.taskId, (state) => ({ ...state, ...subtractCounts(state, counted) }));
    },
    remaining(hotkey, taskId, unitsPerRequest) {
      const state = states.get(keyOf(hotkey, taskId));
      if (state === undefined) return 0;
      const progress: ProbeProgress = { ...state, unitsPerRequest };
      return remainingRequests(progress);
    },
  };
}
