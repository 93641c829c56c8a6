import { type LiveReport, liveReportSchema } from "@vision/protocol";
import { useSyncExternalStore } from "react";

/** What is known of the validator at this moment, and whether it is heard. */
export type Live = {
  readonly status: "connecting" | "open" | "lost";
  readonly report: LiveReport | null;
  /** Finished requests a second over the last seconds; null until there are two reports of one period. */
  readonly requestsPerSecond: number | null;
  /** The validator's clock less this machine's, milliseconds. */
  readonly clockOffsetMs: number;
};

const REOPEN_MS = 3_000;
const WINDOW = 15;

let live: Live = { status: "connecting", report: null, requestsPerSecond: null, clockOffsetMs: 0 };
const listeners = new Set<() => void>();
let recent: LiveReport[] = [];
let isStarted = false;

function update(next: Partial<Live>): void {
  live = { ...live, ...next };
  for (const listener of listeners) listener();
}

function rateOf(reports: readonly LiveReport[]): number | null {
  const [first, last] = [reports[0], reports.at(-1)];
  if (!first?.period || !last?.period || last.atMs <= first.atMs) return null;
  return (1_000 * Math.max(0, last.period.requests - first.period.requests)) / (last.atMs - first.atMs);
}

function take(report: LiveReport): void {
  recent = [...recent.filter(({ period }) => period?.period === report.period?.period), report].slice(-WINDOW);
  update({ status: "open", report, requestsPerSecond: rateOf(recent), clockOffsetMs: report.atMs - Date.now() });
}

/** Browsers come back by themselves after a cut, but not after a refusal. */
function open(): void {
  const source = new EventSource("v1/live/events");
  source.onmessage = ({ data }) => {
    const parsed = liveReportSchema.safeParse(JSON.parse(String(data)));
    if (parsed.success) take(parsed.data);
  };
  source.onerror = () => {
    recent = [];
    update({ status: "lost" });
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(open, REOPEN_MS);
  };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!isStarted) {
    isStarted = true;
    open();
  }
  return () => listeners.delete(listener);
}

/** What is going on, once a second. All who ask share one stream. */
export function useLive(): Live {
  return useSyncExternalStore(subscribe, () => live);
}
