import type { PeriodRequests, RequestDot } from "@vision/protocol";
import type { PeriodRecord, ResultRecord } from "./records/index.js";

/** Slices of time of a period: 15 s of an hour. */
export const DOT_SLICES = 240;
/** Steps of latency in a factor of ten: 10 % each. */
export const DOT_STEPS = 24;
/** More dots than that nobody sees. */
export const MOST_DOTS = 20_000;

type Placed = Pick<RequestDot, "taskId" | "kind" | "outcome" | "count"> & { readonly slice: number; readonly step: number };

/** The dots of a period from what was counted, in order of time. `requests`: of all, left out ones included. */
export function toPeriodRequests(
  { period, startsAtMs, endsAtMs }: Pick<PeriodRecord, "period" | "startsAtMs" | "endsAtMs">,
  { placed, requests }: { readonly placed: readonly Placed[]; readonly requests: number },
): PeriodRequests {
  const sliceMs = (endsAtMs - startsAtMs) / DOT_SLICES;
  const shown = placed.reduce((sum, { count }) => sum + count, 0);
  const dots = placed.map(({ slice, step, ...dot }) => ({
    atMs: Math.round(startsAtMs + (slice + 0.5) * sliceMs),
    latencyMs: Number((10 ** (step / DOT_STEPS)).toPrecision(3)),
    ...dot,
  }));
  return {
    ...{ period, startsAtMs, endsAtMs, requests, omittedRequests: requests - shown },
    dots: dots.sort((a, b) => a.atMs - b.atMs || a.latencyMs - b.latencyMs),
  };
}

/** How a request's end is shown: one without an answer that is not the miner's doing is excused. */
export function shownOutcome({ outcome, blame }: Pick<ResultRecord, "outcome" | "blame">): RequestDot["outcome"] {
  return outcome !== "ok" && blame !== "miner" ? "excused" : outcome;
}

/** The same as the database counts, from the results themselves; the store's contract compares. */
export function placeDots(record: PeriodRecord, results: readonly ResultRecord[]): PeriodRequests {
  const { startsAtMs, endsAtMs } = record;
  const cells = new Map<string, Placed>();
  const own = results.filter(({ period }) => period === record.period);
  for (const result of own) {
    const at = Math.floor(((result.startedAtMs - startsAtMs) * DOT_SLICES) / (endsAtMs - startsAtMs));
    const dot = {
      slice: Math.min(DOT_SLICES - 1, Math.max(0, at)),
      step: Math.round(DOT_STEPS * Math.log10(Math.max(1, result.firstTokenMs ?? result.durationMs))),
      ...{ taskId: result.taskId, kind: result.isOrganic ? ("organic" as const) : ("synthetic" as const), outcome: shownOutcome(result) },
    };
    const key = Object.values(dot).join(" ");
    cells.set(key, { ...dot, count: (cells.get(key)?.count ?? 0) + 1 });
  }
  return toPeriodRequests(record, { placed: [...cells.values()], requests: own.length });
}
