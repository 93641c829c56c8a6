import { setMaxListeners } from "node:events";

/**
 * Calls back once when the signal aborts; it must not have aborted yet. Returns a function that takes the listener away.
 *
 * One signal may end any number of requests, each of which listens: that is no leak, so Node.js is told not to warn of one.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  setMaxListeners(0, signal);
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}
