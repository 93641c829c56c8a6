import type { PeriodProgress } from "../domain/period-progress.js";
import { createPeriodReport, type PeriodReport } from "../domain/period-report.js";
import type { ProbingParams } from "../domain/probing-params.js";
import type { Clock, Logger, Store } from "../ports/index.js";
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
  readonly graceMs: number;
  /** Periods that rows are kept for. */
  readonly retentionPeriods: number;
};

/** What the reporter works with. */
export type PeriodReporterDependencies = {
  readonly scorer: Scorer;
  readonly results: Pick<ResultsBuffer, "flush">;
  readonly store: Pick<
    Store,
    "saveEpoch" | "savePeriodReport" | "getLatestPeriodReport" | "getLastWeightSet" | "deleteOldRows" | "getOpenPeriod"
  >;
  readonly metagraph: Pick<MetagraphSync, "current">;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** The next period must be open before the last one counts as closed; this is how often that is looked at, milliseconds. */
const LOOK_AGAIN_MS = 250;

/**
 * A reporter. It waits until the next period is open and what was under way at the end has come in (but no longer than `graceMs`), then
 * scores, stores the epoch and publishes the report.
 */
export function createPeriodReporter(options: PeriodReporterOptions, dependencies: PeriodReporterDependencies): PeriodReporter {
  const { scorer, results, store, metagraph, guard, clock, logger } = dependencies;
  const waiting: PeriodProgress[] = [];
  const listeners = new Set<(report: PeriodReport) => void>();
  let latest: PeriodReport | null = null;
  let wake: (() => void) | null = null;

  async function waitUntilClosed(progress: PeriodProgress, signal: AbortSignal): Promise<void> {
    const giveUpAtMs = progress.period.endsAtMs + options.graceMs;
    for (;;) {
      const isUnderWay = progress.states().some((state) => state.inFlight > 0) && clock.nowMs() < giveUpAtMs;
      if (!isUnderWay) {
        const open = await guard.untilUp("store", () => store.getOpenPeriod(), signal);
        if (open === null || open.period !== progress.period.period) return;
      }
      await clock.sleep(LOOK_AGAIN_MS, signal);
    }
  }

  async function report(progress: PeriodProgress, signal: AbortSignal): Promise<void> {
    const { period } = progress.period;
    await waitUntilClosed(progress, signal);
    await results.flush(signal);
    const { report: epoch, inputs } = await scorer.score(period, signal);
    await guard.untilUp("store", () => store.saveEpoch({ period, createdAtMs: clock.nowMs(), report: epoch }, inputs), signal);
    const weightSet = await guard.untilUp("store", () => store.getLastWeightSet(options.netuid), signal);
    const uids = new Map((metagraph.current()?.neurons ?? []).map(({ hotkey, uid }) => [hotkey, uid]));
    const uidOf = (hotkey: string) => uids.get(hotkey) ?? null;
    const { netuid, validatorHotkey, probing } = options;
    const created = createPeriodReport({ progress, probing, epoch, weightSet, uidOf, netuid, validatorHotkey });
    await guard.untilUp("store", () => store.savePeriodReport(created), signal);
    latest = created;
    logger.info("A period has been scored", { period, miners: created.miners.length, problems: epoch.problems.length });
    for (const listener of listeners) listener(created);
    const beforePeriod = period - options.retentionPeriods;
    await guard.untilUp("store", () => store.deleteOldRows({ beforePeriod }), signal);
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
        const progress = waiting[0] ?? (await nextPeriod(signal));
        await report(progress, signal);
        waiting.shift();
      }
    },
  };

  function nextPeriod(signal: AbortSignal): Promise<PeriodProgress> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        wake = null;
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      wake = () => {
        const [progress] = waiting;
        if (progress === undefined) return;
        wake = null;
        signal.removeEventListener("abort", onAbort);
        resolve(progress);
      };
    });
  }
}
