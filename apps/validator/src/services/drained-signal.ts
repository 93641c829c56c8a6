import { setMaxListeners } from "node:events";

/** Aborted some time after the signal: when users' answers under way are there. Until then everything that they need goes on. */
export function drainedSignal(signal: AbortSignal, drain: () => Promise<void>): AbortSignal {
  const drained = new AbortController();
  // As many listen to it as to the signal.
  setMaxListeners(0, drained.signal);
  const stop = () => void drain().finally(() => drained.abort(signal.reason));
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  return drained.signal;
}
