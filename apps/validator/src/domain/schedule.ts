import type { Random } from "@vision/scoring/probing";
import type { Gaps } from "./gaps.js";

/** What is left to send of one miner and task in a period. */
export type ProbeProgress = {
  readonly plannedUnits: number;
  readonly plannedRequests: number;
  /** Work units of finished requests, synthetic and organic, and what of them was missed. */
  readonly attemptedUnits: number;
  readonly rateLimitedUnits: number;
  readonly failedUnits: number;
  readonly rateLimitedCount: number;
  readonly failedCount: number;
  /** Synthetic requests started. */
  readonly sentRequests: number;
  /** Typical work units of a request. */
  readonly unitsPerRequest: number;
  /** Synthetic requests that are under way: their units are not in `attemptedUnits` yet. */
  readonly inFlight: number;
};

// Short answers leave units of the plan over; twice the requests reach it without letting one-token answers be asked for ever.
const MAX_REQUESTS_FACTOR = 2;

/**
 * Requests that a plan still needs. A miss counts as one request of the plan, however short the answer was to be: a miner that refuses at
 * once would be asked more often than planned otherwise. Organic volume counts towards the plan like synthetic volume, so it shortens what is left.
 */
export function remainingRequests(progress: ProbeProgress): number {
  const unitsLeft = progress.plannedUnits - triedUnits(progress);
  const byUnits = Math.ceil(unitsLeft / progress.unitsPerRequest - 1e-9);
  const bySent = MAX_REQUESTS_FACTOR * progress.plannedRequests - progress.sentRequests;
  // A plan smaller than half a request still is one request, unless something was tried already.
  const atLeast = progress.sentRequests === 0 && progress.attemptedUnits === 0 && progress.plannedRequests > 0 ? 1 : 0;
  return Math.max(atLeast, Math.min(byUnits, bySent), 0);
}

/** Work units of a plan that were tried, or are being tried. */
function triedUnits(progress: ProbeProgress): number {
  const misses = progress.rateLimitedCount + progress.failedCount;
  const answeredUnits = progress.attemptedUnits - progress.rateLimitedUnits - progress.failedUnits;
  return answeredUnits + (misses + progress.inFlight) * progress.unitsPerRequest;
}

// The gaps of a plan are drawn: without users it runs this far ahead of an even one by itself.
const AHEAD_FRACTION = 0.05;
const AHEAD_REQUESTS = 2;

/**
 * Milliseconds until an even plan has caught up with what was tried of this one; 0 for a plan that is not ahead. Users' requests count towards
 * a plan: it waits for them, instead of adding to their burst more than the miner declared.
 */
export function aheadOfPlanMs(
  progress: ProbeProgress,
  times: Pick<SendDelayInput, "nowMs" | "sendUntilMs"> & { readonly startsAtMs: number },
) {
  const { plannedUnits, unitsPerRequest } = progress;
  if (plannedUnits <= 0) return 0;
  const allowed = Math.max(AHEAD_FRACTION * plannedUnits, AHEAD_REQUESTS * unitsPerRequest);
  const fraction = Math.min(1, (triedUnits(progress) - allowed) / plannedUnits);
  return Math.max(0, times.startsAtMs + fraction * (times.sendUntilMs - times.startsAtMs) - times.nowMs);
}

/** When to send the next request of a plan. */
export type SendDelayInput = {
  readonly nowMs: number;
  /** End of the time in which requests are started. */
  readonly sendUntilMs: number;
  readonly remaining: number;
  readonly gaps: Gaps;
  readonly random: Random;
};

/** No gap takes more of the time left, so that the requests behind it do not have to crowd: all but the last few of them, which have no more time. */
const LONGEST_GAP_FRACTION = 0.2;
/** Even gaps are no longer than that many times their mean: the last one then takes nine tenths of the time left. */
const LONGEST_EVEN_GAP = 1.8;

/**
 * Milliseconds until the next request; null when nothing is left, or no time.
 *
 * The requests left are spread over the time left, each gap drawn as a multiple of the mean one. Lost time is caught up, because every call
 * starts from what is left: after a restart, an outage, a slow answer or a long gap. So whatever gaps are drawn, all are sent in time.
 */
export function planSendDelay({ nowMs, sendUntilMs, remaining, gaps, random }: SendDelayInput): number | null {
  const timeLeftMs = sendUntilMs - nowMs;
  if (remaining <= 0 || timeLeftMs <= 0) return null;
  const meanGapMs = timeLeftMs / (remaining + 1);
  return Math.min(meanGapMs * gaps.draw(random), Math.max(LONGEST_EVEN_GAP * meanGapMs, LONGEST_GAP_FRACTION * timeLeftMs));
}

/** End of the time in which a period's probes are started. */
export function sendWindowEnd(period: { readonly startsAtMs: number; readonly endsAtMs: number }, sendWindowFraction: number): number {
  return period.startsAtMs + (period.endsAtMs - period.startsAtMs) * sendWindowFraction;
}
