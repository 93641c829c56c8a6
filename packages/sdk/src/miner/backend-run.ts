import { type AnswerTimeLimits, createAnswerPace } from "@vision/protocol";
import { abandonIterator } from "../backends/abandon-iterator.js";
import { createBackendCall, type UntypedCall } from "../backends/backend-call.js";
import type { BackendPart, InferenceBackend } from "../backends/inference-backend.js";
import type { Clock } from "../runtime/clock.js";

/** Why a run was ended from outside. */
export type StopReason = "cancelled" | "timedOut" | "closed";

/** A backend at work on one request. */
export type BackendRun = {
  /**
   * The next part, or `null` at the end.
   *
   * @throws The backend's error, or {@link RunStopped} when the run was stopped, even if the backend ignores its signal.
   */
  next(): Promise<BackendPart | null>;
  /** Stops the backend. Does nothing once the run is over. */
  stop(reason: StopReason): void;
};

/** Thrown to whoever waits for a part of a run that was stopped. */
export class RunStopped extends Error {
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super(`The run was stopped: ${reason}.`);
    this.name = "RunStopped";
    this.reason = reason;
  }
}

/** One call of a backend and what ends it. */
export type BackendRunOptions = {
  readonly backend: InferenceBackend;
  readonly call: Omit<UntypedCall, "signal">;
  /** Aborts when the client has gone away. */
  readonly clientSignal: AbortSignal;
  readonly limits: AnswerTimeLimits;
  /** Work units of the parts so far, by which the backend's pace is measured; left out where it has no limits. */
  readonly unitsSoFar?: () => number | null;
  readonly clock: Clock;
  /** Called at most once, when the run is stopped before it ended by itself. */
  readonly onStop: (reason: StopReason) => void;
};

/**
 * Starts a backend. From the first moment, client abort and the time for the whole answer end it; so does waiting too long for the next
 * content. While nobody asks for the next event only the whole time runs: a slow reader is not the backend's fault.
 */
export function startBackendRun(options: BackendRunOptions): BackendRun {
  const { backend, call, clientSignal, limits, clock, onStop } = options;
  const controller = new AbortController();
  let stopped: StopReason | null = null;
  let isOver = false;
  // One waiter at a time. A race against a long-lived promise would pile up reactions for every token.
  let rejectWaiter: ((error: RunStopped) => void) | null = null;
  let iterator: AsyncIterator<BackendPart> | null = null;

  const finish = () => {
    if (isOver) return;
    isOver = true;
    clientSignal.removeEventListener("abort", onAbort);
    cancelTotalTimer();
    cancelWaitTimer();
  };
  const stop = (reason: StopReason) => {
    if (isOver) return;
    stopped = reason;
    finish();
    onStop(reason);
    controller.abort(new RunStopped(reason));
    rejectWaiter?.(new RunStopped(reason));
    // A backend that is waiting for its own signal may only settle later; nobody waits for it.
    abandonIterator(iterator);
  };
  const onAbort = () => stop("cancelled");
  const cancelTotalTimer = clock.setTimer(limits.totalMs, () => stop("timedOut"));
  let cancelWaitTimer = () => {};
  let timerDueMs = Number.POSITIVE_INFINITY;
  let waitEndsMs = Number.POSITIVE_INFINITY;
  // Left running from one event to the next and set anew only when it goes off: a timer for every token would be two thousand a second.
  const onWaitTimer = () => {
    timerDueMs = Number.POSITIVE_INFINITY;
    if (clock.monotonicMs() >= waitEndsMs) stop("timedOut");
    else watchWait();
  };
  const watchWait = () => {
    if (waitEndsMs >= timerDueMs) return;
    cancelWaitTimer();
    timerDueMs = waitEndsMs;
    cancelWaitTimer = clock.setTimer(waitEndsMs - clock.monotonicMs(), onWaitTimer);
  };
  const pace = createAnswerPace(limits);
  // Time that the backend had; what the client takes to read is not in it.
  let waitedMs = 0;
  clientSignal.addEventListener("abort", onAbort, { once: true });
  // Not at once: the caller does not hold the run yet.
  if (clientSignal.aborted) queueMicrotask(onAbort);

  return {
    async next() {
      if (stopped !== null) throw new RunStopped(stopped);
      if (isOver) return null;
      try {
        iterator ??= backend.run(createBackendCall({ ...call, signal: controller.signal }))[Symbol.asyncIterator]();
        const askedAtMs = clock.monotonicMs();
        pace.note(options.unitsSoFar?.() ?? 0, waitedMs);
        waitEndsMs = askedAtMs + (call.isStream ? pace.dueMs() - waitedMs : limits.totalMs);
        watchWait();
        const pending = iterator.next();
        const result = await new Promise<IteratorResult<BackendPart>>((resolve, reject) => {
          rejectWaiter = reject;
          pending.then(resolve, reject);
          // Stopped by what the backend did as it was asked, before there was anybody to tell.
          if (stopped !== null) reject(new RunStopped(stopped));
        });
        waitEndsMs = Number.POSITIVE_INFINITY;
        waitedMs += clock.monotonicMs() - askedAtMs;
        if (result.done !== true) return result.value;
        finish();
        return null;
      } catch (error) {
        finish();
        throw error;
      } finally {
        rejectWaiter = null;
      }
    },
    stop,
  };
}
