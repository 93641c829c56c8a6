import type { Task } from "@vision/protocol";
import { boundCheck } from "../domain/bound-check.js";
import { defaultOutageParams } from "../domain/network-outage.js";
import type { PeriodProgress } from "../domain/period-progress.js";
import type { CheckRecord, ResultRecord } from "../domain/records/index.js";
import type { MinerBoard } from "./miner-board.js";
import type { NetworkWatch } from "./network-watch.js";
import type { ResultsBuffer } from "./results-buffer.js";
import type { UserGaps } from "./user-gaps.js";

/** Who answered a request since the watch began. */
export type AnswerWatch = { has(hotkey: string): boolean; stop(): void };

/** The one way of finished requests into the record: judges whose failure each is, and tells everybody who counts. */
export type ResultIntake = {
  /** Takes a finished request, with its check if the answer is kept. Never throws for what is in it. */
  take(result: ResultRecord, check: CheckRecord | null): void;
  /**
   * Counts volume of the plan that a miner's own requests kept out as refused by it: one record, however many requests. It says nothing of
   * the way to the miner and of when to ask it again.
   */
  refuse(kept: ResultRecord): void;
  /** Takes back what a miner was blamed for, unless the store was given it already: counts never shrink there. */
  excuse(result: ResultRecord): void;
  /** Results of this period count in it from now on; those of the period before still do until the next one starts. */
  startPeriod(progress: PeriodProgress): void;
  /** Notes from now on, until it is stopped, who answers requests. */
  watchAnswers(): AnswerWatch;
  /** The running period; null before the first. */
  current(): PeriodProgress | null;
};

/** What the intake works with. */
export type ResultIntakeDependencies = {
  readonly board: Pick<MinerBoard, "task" | "noteResult" | "noteExcused">;
  readonly results: Pick<ResultsBuffer, "add" | "replace">;
  readonly network: Pick<NetworkWatch, "judge" | "isSuspect">;
  readonly userGaps: Pick<UserGaps, "note">;
};

/** An intake for which no period has started yet. */
export function createResultIntake({ board, results, network, userGaps }: ResultIntakeDependencies): ResultIntake {
  let current: PeriodProgress | null = null;
  // Kept until the next one is scored: late answers belong to it.
  let previous: PeriodProgress | null = null;
  const watches = new Set<Set<string>>();

  function bound(result: ResultRecord, check: CheckRecord | null, task: Task | null) {
    return check === null || task === null ? { result, check } : boundCheck(result, check, task);
  }

  return {
    take(received, receivedCheck) {
      const bounded = bound(received, receivedCheck, board.task(received.taskId));
      const result = network.judge(bounded.result);
      results.add(result, bounded.check, network.isSuspect(result) ? defaultOutageParams.windowMs : 0);
      current?.noteResult(result);
      previous?.noteResult(result);
      board.noteResult(result);
      userGaps.note(result);
      if (result.outcome === "ok") for (const watch of watches) watch.add(result.hotkey);
    },
    refuse(kept) {
      results.add(kept, null, 0);
      current?.noteResult(kept);
      previous?.noteResult(kept);
    },
    excuse(result) {
      if (!results.replace(result)) return;
      current?.noteExcused(result);
      previous?.noteExcused(result);
      board.noteExcused(result);
    },
    startPeriod(progress) {
      previous = current;
      current = progress;
    },
    watchAnswers() {
      const answered = new Set<string>();
      watches.add(answered);
      return { has: (hotkey) => answered.has(hotkey), stop: () => watches.delete(answered) };
    },
    current: () => current,
  };
}
