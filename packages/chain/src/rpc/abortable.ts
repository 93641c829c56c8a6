/** Options of {@link abortable}. */
export type AbortableOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** Error for the time-out. */
  readonly onTimeout?: () => Error;
};

/**
 * The promise's result, or a rejection with the signal's reason as soon as it aborts, or with `onTimeout` after the time-out.
 * Listeners and timers are gone afterwards either way.
 */
export async function abortable<T>(promise: Promise<T>, { signal, timeoutMs, onTimeout }: AbortableOptions): Promise<T> {
  // Whoever loses the race must not become an unhandled rejection, not even when there is no race any more.
  promise.catch(() => undefined);
  signal?.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      promise.then(resolve, reject);
      if (signal !== undefined) {
        onAbort = () => reject(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
      }
      if (timeoutMs !== undefined) timer = setTimeout(() => reject(onTimeout?.() ?? new Error("timed out")), timeoutMs);
    });
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  }
}

/** Resolves after the time, or as soon as the signal aborts. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, delayMs);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    if (signal.aborted) done();
    else signal.addEventListener("abort", done, { once: true });
  });
}
