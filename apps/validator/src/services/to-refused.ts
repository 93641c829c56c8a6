import type { ResultRecord } from "../domain/records/index.js";
import type { KeptOutOfPlan } from "./prober.js";

/** The record of what a miner's own requests kept out of its plan: refused by it, as one request of the whole volume. */
export function toRefused(kept: KeptOutOfPlan, { requestId, nowMs }: { readonly requestId: string; readonly nowMs: number }): ResultRecord {
  const { period, hotkey, taskId, requests, units } = kept;
  return {
    ...{ requestId, period, hotkey, taskId },
    isOrganic: false,
    isOpening: true,
    outcome: "rateLimited",
    blame: "miner",
    reason: `${requests} planned requests were kept out by answers slower than the target`,
    failure: null,
    retryAfterMs: null,
    silentMs: null,
    attemptedUnits: units,
    completedUnits: 0,
    startedAtMs: nowMs,
    firstTokenMs: null,
    durationMs: 0,
  };
}
