import type { Clock } from "../ports/index.js";

/**
 * Returns what has a flush done once, a while from now, however often it is called until then. Nothing is done after the gateway has begun to
 * close: whoever closes it flushes.
 */
export function flushLater(
  flush: () => Promise<void>,
  { afterMs, clock, closing }: { readonly afterMs: number; readonly clock: Pick<Clock, "sleep">; readonly closing: AbortSignal },
): () => void {
  let isDue = false;
  return () => {
    if (isDue || closing.aborted) return;
    isDue = true;
    void clock.sleep(afterMs, closing).then(
      () => {
        isDue = false;
        return flush();
      },
      () => undefined,
    );
  };
}
