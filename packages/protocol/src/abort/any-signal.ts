/**
 * A signal that aborts with the first of several, for its reason. `AbortSignal.any` does not hold those that it is made of: Node.js 20 collects an
 * `AbortSignal.timeout` that nobody else holds, and the time limit never comes. One that is listened to is held until its time is over.
 * Each is listened to until one of them aborts: beside one that lives as long as the program, give one that aborts when the work is over.
 */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  const first = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) first.abort(signal.reason);
    if (first.signal.aborted) break;
    signal.addEventListener("abort", () => first.abort(signal.reason), { once: true, signal: first.signal });
  }
  return first.signal;
}
