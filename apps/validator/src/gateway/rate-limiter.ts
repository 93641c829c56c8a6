/** Whether a request may pass, and what its key has left. */
export type RateDecision = {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds to wait after a refusal; 0 when it passed. */
  readonly retryAfterMs: number;
};

/** Limits each key to so many requests a minute. */
export type RateLimiter = { take(key: string, requestsPerMinute: number, nowMs: number): RateDecision };

const MINUTE_MS = 60_000;

// Sums of fractions of a minute miss whole numbers by a rounding error.
const TOLERANCE_MS = 1e-6;

/**
 * Token buckets, kept as the time at which each would be full again: a full minute's requests may come at once, after that they come back
 * evenly. Memory stays within `maxKeys`; the bucket that was used longest ago is forgotten, which can only favour its key.
 */
export function createRateLimiter({ maxKeys = 100_000 }: { readonly maxKeys?: number } = {}): RateLimiter {
  const fullAtMs = new Map<string, number>();
  return {
    take(key, requestsPerMinute, nowMs) {
      if (requestsPerMinute <= 0) return { isAllowed: false, limit: 0, remaining: 0, retryAfterMs: MINUTE_MS };
      const costMs = MINUTE_MS / requestsPerMinute;
      const before = Math.max(nowMs, fullAtMs.get(key) ?? nowMs);
      const waitMs = before + costMs - (nowMs + MINUTE_MS);
      const isAllowed = waitMs <= TOLERANCE_MS;
      const after = isAllowed ? before + costMs : before;
      fullAtMs.delete(key);
      fullAtMs.set(key, after);
      if (fullAtMs.size > maxKeys) {
        const oldest = fullAtMs.keys().next();
        if (oldest.done === false) fullAtMs.delete(oldest.value);
      }
      const remaining = Math.max(0, Math.floor((nowMs + MINUTE_MS - after + TOLERANCE_MS) / costMs));
      return { isAllowed, limit: requestsPerMinute, remaining, retryAfterMs: isAllowed ? 0 : waitMs };
    },
  };
}
