/** How one of a miner's requests ended, as far as its pace matters. */
export type EndedRequest = {
  /** Milliseconds from sending it to its end. */
  readonly durationMs: number;
  /** How long the task's target allows for the answer that came, or for one of typical length where none came. */
  readonly targetMs: number;
};

/** A request under way: how long its plan had waited when it was sent. */
export type KeptOutRequest = { readonly waitedBeforeMs: number };

/** How many requests of a plan were kept out by the miner's own ones. */
export type KeptOut = {
  /** From that moment on a request of the plan waits for the miner's own slots, or none does. */
  setWaiting(isWaiting: boolean, nowMs: number): void;
  sent(nowMs: number): KeptOutRequest;
  /** It ended; null for an end that was not the miner's. */
  ended(request: KeptOutRequest, how: EndedRequest | null, nowMs: number): void;
  /** Requests that would have had a slot, had the miner answered at its task's target. A whole number. */
  count(): number;
};

/**
 * Adds up how long a miner's requests held their slots beyond their target time while its own plan waited for one of them. Each time that
 * a typical answer takes at the target is a request less. A miner at the target or above keeps nothing out, however full it is; a request
 * that has not ended may be long or held up by us, and counts for nothing yet.
 */
export function createKeptOut(answerMs: number): KeptOut {
  let waitedMs = 0;
  let waitingSinceMs: number | null = null;
  let lateMs = 0;

  const waited = (nowMs: number) => waitedMs + (waitingSinceMs === null ? 0 : Math.max(0, nowMs - waitingSinceMs));
  const settle = (nowMs: number) => {
    waitedMs = waited(nowMs);
    if (waitingSinceMs !== null) waitingSinceMs = nowMs;
  };

  return {
    setWaiting(isWaiting, nowMs) {
      settle(nowMs);
      waitingSinceMs = isWaiting ? nowMs : null;
    },
    sent: (nowMs) => ({ waitedBeforeMs: waited(nowMs) }),
    ended(request, how, nowMs) {
      if (how === null) return;
      lateMs += Math.max(0, Math.min(how.durationMs - how.targetMs, waited(nowMs) - request.waitedBeforeMs));
    },
    count: () => Math.floor(lateMs / answerMs),
  };
}
