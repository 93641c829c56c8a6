import type { AnswerTimeLimits } from "@vision/protocol";
import type { Clock } from "../runtime/clock.js";
import { onAbort } from "../runtime/on-abort.js";
import { cancelledFailure, clientFailure } from "./failure.js";
import type { ClientFailure } from "./miner-client.js";

/** One request's time and its caller's patience, as one signal. */
export type Deadline = {
  readonly signal: AbortSignal;
  /** Why the signal aborted; `null` when it did not. */
  getFailure(): ClientFailure | null;
  /** Says that an event of a stream came. */
  noteEvent(): void;
  /** Says that we take no more events at the moment: until the next one that comes, the miner is not late. */
  noteHeldBack(): void;
  /** Must be called when the request is over. */
  clear(): void;
};

/** Time that is given. Without times for events only the whole counts. */
export type DeadlineLimits = Pick<AnswerTimeLimits, "totalMs"> & Partial<AnswerTimeLimits>;

const MAX_LATE_MS = 1_000; // a timer that fires later says that this process was held up, so the answer may have come in time

/**
 * A deadline that ends with one of the times (the miner's fault) or with the caller's signal (nobody's). When our own timer fires late,
 * because this process was suspended or starved, it is the validator's fault.
 */
export function createDeadline(clock: Clock, limits: DeadlineLimits, signal: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let failure: ClientFailure | null = null;
  const end = (reason: ClientFailure) => {
    if (failure !== null) return;
    failure = reason;
    controller.abort();
  };
  const endLate = (dueMs: number, reason: string) => {
    const lateMs = clock.monotonicMs() - dueMs;
    if (lateMs > MAX_LATE_MS)
      end(clientFailure({ stage: "time", blame: "validator", reason: `this process was held up for ${Math.round(lateMs)} ms` }));
    else end(clientFailure({ stage: "time", blame: "miner", reason }));
  };
  const startedAtMs = clock.monotonicMs();
  const cancel = () => end(cancelledFailure());
  const onTotal = () => endLate(startedAtMs + limits.totalMs, `no complete answer within ${limits.totalMs} ms`);

  let lastEventMs: number | null = null;
  let isHeldBack = false;
  let cancelEventTimer = () => {};
  // Looks again when the last event's time would be over: a timer for every event would cost more than reading it.
  const watchEvents = () => {
    const allowedMs = lastEventMs === null ? limits.firstEventMs : limits.betweenEventsMs;
    if (allowedMs === undefined) return;
    const nowMs = clock.monotonicMs();
    const dueMs = (isHeldBack ? nowMs : (lastEventMs ?? startedAtMs)) + allowedMs;
    if (nowMs >= dueMs) endLate(dueMs, `no ${lastEventMs === null ? "first" : "further"} event within ${allowedMs} ms`);
    else cancelEventTimer = clock.setTimer(dueMs - nowMs, watchEvents);
  };

  const cancelTotal = clock.setTimer(limits.totalMs, onTotal);
  watchEvents();
  let removeListener = () => {};
  if (signal?.aborted === true) cancel();
  else if (signal !== undefined) removeListener = onAbort(signal, cancel);
  return {
    signal: controller.signal,
    getFailure: () => failure,
    noteEvent() {
      const isFirst = lastEventMs === null;
      lastEventMs = clock.monotonicMs();
      isHeldBack = false;
      if (!isFirst) return;
      cancelEventTimer();
      watchEvents();
    },
    noteHeldBack() {
      isHeldBack = true;
    },
    clear() {
      cancelTotal();
      cancelEventTimer();
      removeListener();
    },
  };
}
