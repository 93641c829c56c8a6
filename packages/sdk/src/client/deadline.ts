import type { Clock } from "../runtime/clock.js";
import { onAbort } from "../runtime/on-abort.js";
import { cancelledFailure, clientFailure } from "./failure.js";
import type { ClientFailure } from "./miner-client.js";

/** One request's time and its caller's patience, as one signal. */
export type Deadline = {
  readonly signal: AbortSignal;
  /** Why the signal aborted; `null` when it did not. */
  getFailure(): ClientFailure | null;
  /** Must be called when the request is over. */
  clear(): void;
};

const MAX_LATE_MS = 1_000; // a timer that fires later says that this process was held up, so the answer may have come in time

/**
 * A deadline that ends with the time (the miner's fault) or with the caller's signal (nobody's). When our own timer fires late, because
 * this process was suspended or starved, it is the validator's fault.
 */
export function createDeadline(clock: Clock, timeoutMs: number, signal: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let failure: ClientFailure | null = null;
  const end = (reason: ClientFailure) => {
    if (failure !== null) return;
    failure = reason;
    controller.abort();
  };
  const cancel = () => end(cancelledFailure());
  const dueMs = clock.monotonicMs() + timeoutMs;
  const onTime = () => {
    const lateMs = clock.monotonicMs() - dueMs;
    if (lateMs > MAX_LATE_MS)
      end(clientFailure({ stage: "time", blame: "validator", reason: `this process was held up for ${Math.round(lateMs)} ms` }));
    else end(clientFailure({ stage: "time", blame: "miner", reason: `no complete answer within ${timeoutMs} ms` }));
  };
  const cancelTimer = clock.setTimer(timeoutMs, onTime);
  let removeListener = () => {};
  if (signal?.aborted === true) cancel();
  else if (signal !== undefined) removeListener = onAbort(signal, cancel);
  return {
    signal: controller.signal,
    getFailure: () => failure,
    clear() {
      cancelTimer();
      removeListener();
    },
  };
}
