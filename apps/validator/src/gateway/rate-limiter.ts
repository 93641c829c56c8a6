import { LRUCache } from "lru-cache";

/** What is taken from somebody's share of a minute. */
export type RateRequest = {
  /** Whose share. */
  readonly key: string;
  /** Units that come back in a minute, and that may be taken at once. */
  readonly perMinute: number;
  /** Units to take, 1 if left out. More than a minute's are taken as a minute's. */
  readonly units?: number;
};

/** Whether a request may pass, and what its key has left. */
export type RateDecision = {
  readonly isAllowed: boolean;
  readonly limit: number;
  /** Whole units. */
  readonly remaining: number;
  /** Milliseconds to wait after a refusal; 0 when it passed. */
  readonly retryAfterMs: number;
  /** Milliseconds until everything is there again. */
  readonly resetMs: number;
};

/** Limits each key to so many units a minute. Times are milliseconds by a clock that never goes back: one that was set back would refuse for so long. */
export type RateLimiter = {
  /** Takes the units if they are there. */
  take(request: RateRequest, nowMs: number): RateDecision;
  /** What `take` would say, without taking anything. */
  look(request: RateRequest, nowMs: number): RateDecision;
  /** Takes units whether they are there or not; gives back with a negative number. */
  charge(request: RateRequest, nowMs: number): void;
};

const MINUTE_MS = 60_000;

// Sums of fractions of a minute miss whole numbers by a rounding error.
const TOLERANCE_MS = 1e-6;

/**
 * Token buckets, kept as the time at which each would be full again: a full minute's units may be taken at once, after that they come back
 * evenly. Memory stays within `maxKeys`; the bucket that was used longest ago is forgotten, which can only favour its key.
 */
export function createRateLimiter({ maxKeys = 100_000 }: { readonly maxKeys?: number } = {}): RateLimiter {
  const fullAtMs = new LRUCache<string, number>({ max: maxKeys });

  const decide = ({ key, perMinute, units = 1 }: RateRequest, nowMs: number): RateDecision & { readonly afterMs: number } => {
    if (perMinute <= 0) return { isAllowed: false, limit: 0, remaining: 0, retryAfterMs: MINUTE_MS, resetMs: MINUTE_MS, afterMs: nowMs };
    const costMs = MINUTE_MS / perMinute;
    const beforeMs = Math.max(nowMs, fullAtMs.get(key) ?? nowMs);
    const waitMs = beforeMs + costMs * Math.min(units, perMinute) - (nowMs + MINUTE_MS);
    const isAllowed = waitMs <= TOLERANCE_MS;
    const afterMs = isAllowed ? beforeMs + costMs * Math.min(units, perMinute) : beforeMs;
    const remaining = Math.max(0, Math.floor((nowMs + MINUTE_MS - afterMs + TOLERANCE_MS) / costMs));
    return { isAllowed, limit: perMinute, remaining, retryAfterMs: isAllowed ? 0 : waitMs, resetMs: afterMs - nowMs, afterMs };
  };

  return {
    take(request, nowMs) {
      const decision = decide(request, nowMs);
      if (request.perMinute > 0) fullAtMs.set(request.key, decision.afterMs);
      return decision;
    },
    look: decide,
    charge({ key, perMinute, units = 1 }, nowMs) {
      if (perMinute <= 0) return;
      const beforeMs = Math.max(nowMs, fullAtMs.get(key) ?? nowMs);
      fullAtMs.set(key, Math.max(nowMs, beforeMs + (units * MINUTE_MS) / perMinute));
    },
  };
}
