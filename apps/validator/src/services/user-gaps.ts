import { addGaps, type GapHistogram, noGaps } from "../domain/gap-histogram.js";
import type { ResultRecord } from "../domain/records/index.js";

/** The gaps between users' conversations, from the first request of one to the first of the next, as miners see them. */
export type UserGaps = {
  /** Takes any finished request; the validator's own change nothing, and neither do later turns, which come when those before are answered. */
  note(result: Pick<ResultRecord, "isOrganic" | "isOpening" | "hotkey" | "taskId" | "startedAtMs">): void;
  /** Counts what was noted since the last call. */
  endPeriod(): void;
  /** Of a task, as counted so far. */
  of(taskId: string): GapHistogram;
};

/** Bounds the memory of a busy period: an eighth of a megabyte. */
const MOST_TIMES = 16_384;
/** One miner's users must not fill it. */
const MOST_TIMES_OF_SERIES = 512;

type Series = { readonly taskId: string; readonly timesMs: number[] };

/** Nothing is known at first; what is known is in memory only, since a few hours of users tell it again. */
export function createUserGaps(): UserGaps {
  const histograms = new Map<string, GapHistogram>();
  let series = new Map<string, Series>();
  let count = 0;
  return {
    note({ isOrganic, isOpening, hotkey, taskId, startedAtMs }) {
      if (!isOrganic || !isOpening || count >= MOST_TIMES) return;
      const key = `${hotkey} ${taskId}`;
      const own = series.get(key) ?? { taskId, timesMs: [] };
      series.set(key, own);
      if (own.timesMs.length >= MOST_TIMES_OF_SERIES) return;
      own.timesMs.push(startedAtMs);
      count += 1;
    },
    endPeriod() {
      for (const { taskId, timesMs } of series.values()) histograms.set(taskId, addGaps(histograms.get(taskId) ?? noGaps, timesMs));
      series = new Map();
      count = 0;
    },
    of: (taskId) => histograms.get(taskId) ?? noGaps,
  };
}
