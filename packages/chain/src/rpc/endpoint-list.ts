/** In which order endpoints are tried, and after which pause. */
export type EndpointList = {
  /** One round: every endpoint once, beginning behind the one that was left last; those whose rate limit was reached are left out. */
  inOrder(): readonly string[];
  /** An attempt failed or a connection ended. */
  noteLeft(url: string, options: { readonly isRateLimited: boolean }): void;
  /** A connection lasted: pauses begin small again. */
  noteWorked(): void;
  /** True when this endpoint was not left for this reason the last time. */
  isNewReason(url: string, reason: string): boolean;
  /** How long to wait before the next round; every call counts as one more failed round. */
  nextPauseMs(): number;
};

const MAX_RETRY_DELAY_MS = 15_000;

/** @param options - `retryDelayMs` is the first pause, it doubles up to 15 s. */
export function createEndpointList(options: {
  readonly endpoints: readonly string[];
  readonly retryDelayMs: number;
  readonly rateLimitPauseMs: number;
}): EndpointList {
  const { endpoints } = options;
  const avoidedUntilMs = new Map<string, number>();
  const reasons = new Map<string, string>();
  let start = 0;
  let failedRounds = 0;

  return {
    inOrder() {
      const nowMs = performance.now();
      const order = [...endpoints.slice(start), ...endpoints.slice(0, start)];
      return order.filter((url) => (avoidedUntilMs.get(url) ?? 0) <= nowMs);
    },
    noteLeft(url, { isRateLimited }) {
      start = (endpoints.indexOf(url) + 1) % endpoints.length;
      if (isRateLimited) avoidedUntilMs.set(url, performance.now() + options.rateLimitPauseMs);
    },
    noteWorked() {
      failedRounds = 0;
      reasons.clear();
    },
    isNewReason(url, reason) {
      const isNew = reasons.get(url) !== reason;
      reasons.set(url, reason);
      return isNew;
    },
    nextPauseMs() {
      failedRounds += 1;
      return Math.min(options.retryDelayMs * 2 ** Math.min(failedRounds - 1, 8), MAX_RETRY_DELAY_MS);
    },
  };
}
