import { estimateJsonBytes } from "../domain/estimate-json-bytes.js";
import type { CheckRecord, ResultRecord } from "../domain/records/index.js";
import type { Clock, Logger, ResultStore, SpooledResult, ValidatorMetrics } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { Service } from "./supervise.js";

/** How results are put together. */
export type ResultsBufferOptions = {
  /** A batch is written at the latest after this time, milliseconds. */
  readonly flushEveryMs: number;
  /** Results of one write. */
  readonly batchSize: number;
  /** Results kept while the store is away; answers to check are kept of a tenth of them and up to 64 MB, and above it the oldest results are given up. */
  readonly maxBuffered: number;
};

/** The production defaults: at most half a second of results is lost to a kill -9; 200 000 results are some 100 MB. */
export const defaultResultsBufferOptions: ResultsBufferOptions = { flushEveryMs: 500, batchSize: 500, maxBuffered: 200_000 };

/** Collects results and writes them in batches. */
export type ResultsBuffer = Service & {
  /** @param holdMs - The result is not written earlier than after this time, unless everything is: it may have to be replaced. */
  add(result: ResultRecord, check: CheckRecord | null, holdMs?: number): void;
  /** Puts a result in place of the one with its id. False when that one has been handed to the store. */
  replace(result: ResultRecord): boolean;
  /** Writes everything that is there, waiting for the store. */
  flush(signal: AbortSignal): Promise<void>;
  /** What has not been written, oldest first. */
  pending(): readonly SpooledResult[];
  readonly size: number;
};

type Entry = {
  readonly result: ResultRecord;
  readonly check: CheckRecord | null;
  readonly checkBytes: number;
  readonly heldUntilMs: number;
};

// Answers are what takes memory, images most of all.
const MAX_CHECKS_SHARE = 0.1;
const MAX_CHECK_BYTES_KEPT = 64 * 1024 * 1024;
/** Answers of one write: it is serialised in one go, and nothing else runs meanwhile. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** A buffer in front of a store. Results survive an outage of the store as long as memory allows; the store counts each of them once. */
export function createResultsBuffer(
  options: ResultsBufferOptions,
  dependencies: {
    readonly store: Pick<ResultStore, "recordResults">;
    readonly guard: DependencyGuard;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: Pick<ValidatorMetrics, "resultsBuffered">;
  },
): ResultsBuffer {
  const { store, guard, clock, logger, metrics } = dependencies;
  const maxChecks = Math.max(options.batchSize, Math.floor(options.maxBuffered * MAX_CHECKS_SHARE));
  let entries: Entry[] = [];
  let checkCount = 0;
  let checkBytes = 0;
  let droppedResults = 0;
  let droppedChecks = 0;
  let writing: Promise<void> = Promise.resolve();
  let handedOver: ReadonlySet<Entry> = new Set();
  let wake: (() => void) | null = null;

  const bound = () => {
    if (entries.length > options.maxBuffered) {
      const [oldest] = entries.splice(0, 1);
      if (oldest?.check) checkCount -= 1;
      checkBytes -= oldest?.checkBytes ?? 0;
      droppedResults += 1;
      if (droppedResults === 1) logger.warn("The store has been away for long: the oldest results are given up", { kept: entries.length });
    }
  };

  const nextBatch = (isAll: boolean): readonly Entry[] => {
    let bytes = 0;
    const nowMs = clock.monotonicMs();
    const batch: Entry[] = [];
    for (const entry of entries) {
      if (!isAll && entry.heldUntilMs > nowMs) continue;
      bytes += entry.checkBytes;
      if (batch.length === options.batchSize || (batch.length > 0 && bytes > MAX_BATCH_BYTES)) break;
      batch.push(entry);
    }
    return batch;
  };

  const write = async (isAll: boolean, signal: AbortSignal) => {
    for (let batch = nextBatch(isAll); batch.length > 0; batch = nextBatch(isAll)) {
      const written = new Set(batch);
      handedOver = written;
      const checks = batch.flatMap(({ check }) => (check === null ? [] : [check]));
      await guard.untilUp(
        "store",
        () =>
          store.recordResults(
            batch.map(({ result }) => result),
            checks,
          ),
        signal,
      );
      entries = entries.filter((entry) => !written.has(entry));
      checkCount = entries.reduce((count, { check }) => count + (check === null ? 0 : 1), 0);
      checkBytes = entries.reduce((bytes, entry) => bytes + entry.checkBytes, 0);
      if (droppedResults + droppedChecks > 0) logger.warn("Results were given up", { droppedResults, droppedChecks });
      droppedResults = 0;
      droppedChecks = 0;
      metrics.resultsBuffered.set(entries.length);
    }
  };

  const flush = (isAll: boolean, signal: AbortSignal): Promise<void> => {
    const next = writing.catch(() => undefined).then(() => write(isAll, signal));
    writing = next.catch(() => undefined);
    return next;
  };

  return {
    name: "results-buffer",
    add(result, check, holdMs = 0) {
      const bytes = check === null ? 0 : estimateJsonBytes([check.request, check.answer], MAX_CHECK_BYTES_KEPT);
      const isKept = check !== null && checkCount < maxChecks && checkBytes + bytes <= MAX_CHECK_BYTES_KEPT;
      if (check !== null && !isKept) {
        droppedChecks += 1;
        if (droppedChecks === 1)
          logger.warn("The store has been away for long: answers are no longer kept to be checked", { kept: checkCount });
      }
      entries.push({ result, check: isKept ? check : null, checkBytes: isKept ? bytes : 0, heldUntilMs: clock.monotonicMs() + holdMs });
      if (isKept) {
        checkCount += 1;
        checkBytes += bytes;
      }
      bound();
      metrics.resultsBuffered.set(entries.length);
      wake?.();
    },
    replace(result) {
      const index = entries.findIndex((entry) => entry.result.requestId === result.requestId);
      const entry = entries[index];
      if (entry === undefined || handedOver.has(entry)) return false;
      entries[index] = { ...entry, result };
      return true;
    },
    flush: (signal) => flush(true, signal),
    async run(signal) {
      while (!signal.aborted) {
        if (entries.length === 0) await waitForWork(signal);
        await clock.sleep(options.flushEveryMs, signal);
        await flush(false, signal);
      }
    },
    pending: () => entries.map(({ result, check }) => ({ result, check })),
    get size() {
      return entries.length;
    },
  };

  function waitForWork(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        wake = null;
        reject(signal.reason);
      };
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      wake = () => {
        wake = null;
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}
