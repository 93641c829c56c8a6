import type { PeriodReport } from "@vision/protocol";
import type { ProbingParams } from "@vision/scoring/probing";
import type { PeriodProgress } from "../domain/period-progress.js";
import { createPeriodReport } from "../domain/period-report.js";
import type { OpenPeriod } from "../domain/records/index.js";
import type { Clock, Logger, PeriodStore, ScoreStore, WeightStore } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { MetagraphSync } from "./metagraph-sync.js";
import type { ResultsBuffer } from "./results-buffer.js";
import type { Scorer } from "./scorer.js";
import type { Service } from "./supervise.js";

/** Scores and publishes periods once they are closed. */
export type PeriodReporter = Service & {
  /** Hands over a period whose time is over. */
  add(progress: PeriodProgress): void;
  /** The report of the newest period that was scored, by this process or an earlier one; null before the first. */
  latest(): PeriodReport | null;
  /** Calls the listener with every new report. Returns a function that stops it. */
  onReport(listener: (report: PeriodReport) => void): () => void;
};

/** How the reporter works. */
export type PeriodReporterOptions = {
  readonly netuid: number;
  readonly validatorHotkey: string;
  readonly probing: ProbingParams;
  /** Answers under way at the end of a period are waited for this long. */
  readonly graceMs: () => number;
  /** Periods that rows are kept for. */
  readonly retentionPeriods: number;
};

/** What the reporter works with. */
export type PeriodReporterDependencies = {
  readonly scorer: Scorer;
  readonly results: Pick<ResultsBuffer, "flush">;
  readonly store: Pick<PeriodStore, "deleteOldestPeriod" | "getOpenPeriod" | "getPeriodsToReport"> &
    Pick<ScoreStore, "saveEpoch" | "savePeriodReport" | "getLatestPeriodReport"> &
    Pick<WeightStore, "getLastWeightSet">;
  readonly metagraph: Pick<MetagraphSync, "current" | "refresh">;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** The next period must be open before the last one counts as closed; this is how often that is looked at, milliseconds. */
const LOOK_AGAIN_MS = 250;
/** Periods that are read for reporting at a time. */
const AT_A_TIME = 4;
/** Two for each that comes, so that a shorter retention takes effect in the end. */
const DELETED_PER_REPORT = 2;

/**
 * A reporter. It waits until the next period is open and what was under way at the end has come in (but no longer than `graceMs`), then
 * scores, stores the epoch and publishes the report. What is to be reported is told by the record alone: a period that an earlier process
 * left closed and unreported is reported at the start, and one that late answers were recorded for is reported anew.
 */
export function createPeriodReporter(options: PeriodReporterOptions, dependencies: PeriodReporterDependencies): PeriodReporter {
  const { scorer, results, store, metagraph, guard, clock, logger } = dependencies;
  const waiting: PeriodProgress[] = [];
  const ended: PeriodProgress[] = [];
  const listeners = new Set<(report: PeriodReport) => void>();
  let latest: PeriodReport | null = null;
  let wake: (() => void) | null = null;

  async function waitUntilClosed(progress: PeriodProgress, signal: AbortSignal): Promise<void> {
    const giveUpAtMs = progress.period.endsAtMs + options.graceMs();
    for (;;) {
      const isUnderWay = progress.states().some((state) => state.inFlight > 0) && clock.nowMs() < giveUpAtMs;
      if (!isUnderWay) {
        const open = await guard.untilUp("store", () => store.getOpenPeriod(), signal);
        if (open === null || open.period !== progress.period.period) return;
      }
      await clock.sleep(LOOK_AGAIN_MS, signal);
    }
  }

  async function report(record: OpenPeriod, signal: AbortSignal): Promise<void> {
    const { period } = record;
    const { report: epoch, inputs } = await scorer.score(period, signal);
    await guard.untilUp("store", () => store.saveEpoch({ period, createdAtMs: clock.nowMs(), report: epoch }, inputs), signal);
    const weightSet = await guard.untilUp("store", () => store.getLastWeightSet(options.netuid), signal);
    const { neurons } = metagraph.current() ?? (await metagraph.refresh(signal));
    const uids = new Map(neurons.map(({ hotkey, uid }) => [hotkey, uid]));
    const uidOf = (hotkey: string) => uids.get(hotkey) ?? null;
    const progress = ended.find((each) => each.period.period === period) ?? null;
    const { netuid, validatorHotkey, probing } = options;
    const created = createPeriodReport({
      record,
      progress,
      probing,
      epoch,
      params: inputs.params,
      weightSet,
      uidOf,
      netuid,
      validatorHotkey,
    });
    await guard.untilUp("store", () => store.savePeriodReport(created), signal);
    if (latest !== null && period <= latest.period) {
      logger.debug("A period has been reported anew: answers came after its report", { period });
      if (period === latest.period) latest = created;
      return;
    }
    latest = created;
    logger.info("A period has been scored", { period, miners: created.miners.length, problems: epoch.problems.length });
    for (const listener of listeners) listener(created);
    for (let count = 0; count < DELETED_PER_REPORT; count += 1) {
      await guard.untilUp("store", () => store.deleteOldestPeriod({ keptPeriods: options.retentionPeriods }), signal);
    }
  }

  /** Reports whatever the record says is due. True when there was something. */
  async function reportDue(signal: AbortSignal): Promise<boolean> {
    await results.flush(signal);
    for (let isAny = false; ; isAny = true) {
      const due = await guard.untilUp("store", () => store.getPeriodsToReport(AT_A_TIME), signal);
      if (due.length === 0) return isAny;
      for (const record of due) await report(record, signal);
    }
  }

  return {
    name: "period-reporter",
    add(progress) {
      waiting.push(progress);
      wake?.();
    },
    latest: () => latest,
    onReport(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async run(signal) {
      latest ??= await guard.untilUp("store", () => store.getLatestPeriodReport(), signal);
      while (!signal.aborted) {
        const [progress] = waiting;
        if (progress !== undefined) {
          await waitUntilClosed(progress, signal);
          ended.splice(0, Math.max(0, ended.length - 2));
          ended.push(progress);
        }
        const isAny = await reportDue(signal);
        if (progress !== undefined) waiting.shift();
        if (waiting.length === 0) await nextPeriod(isAny, signal);
      }
    },
  };

  /** Resolves when a period has ended; after a report also when answers that were still under way may have come in. */
  async function nextPeriod(hasReported: boolean, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const stopped = AbortSignal.any([signal, stop.signal]);
    try {
      await Promise.race([
        new Promise<void>((resolve, reject) => {
          wake = resolve;
          if (stopped.aborted) reject(stopped.reason);
          stopped.addEventListener("abort", () => reject(stopped.reason), { once: true });
        }),
        ...(hasReported ? [clock.sleep(options.graceMs(), stopped)] : []),
      ]).finally(() => stop.abort(new Error("no longer waited for")));
    } finally {
      wake = null;
    }
  }
}
