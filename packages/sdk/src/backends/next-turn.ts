import { BackendError } from "./inference-backend.js";

/** Lets other work of the event loop run, so that answers computed in this process advance side by side. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** @throws {@link BackendError} `failed` when the signal has aborted. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new BackendError({ code: "failed", message: "The request was cancelled.", cause: signal.reason });
}
