import { type AnswerTimeLimits, createAnswerPace } from "@vision/protocol";
import type { Clock } from "../runtime/clock.js";
import { onAbort } from "../runtime/on-abort.js";
import { cancelledFailure, clientFailure } from "./failure.js";
import type { ClientFailure } from "./miner-client.js";

/** One request's time and its caller's patience, as one signal. */
export type Deadline = {
  readonly signal: AbortSignal;
  /** Why the signal aborted; `null` when it did not. */
  getFailure(): ClientFailure | null;
  /** Says how much of a stream had come at a moment of the monotonic clock. */
  noteContent(workUnits: number, atMs: number): void;
  /** Says that something of the stream waits for us to read it: until then the miner is not late. */
  noteUnread(): void;
  /** Says that all that came was read. `sinceMs`: from when on the miner could send again, where it was held back. */
  noteRead(sinceMs?: number): void;
  /** Must be called when the request is over. */
  clear(): void;
};

/** Time that is given. Without times for content only the whole counts. */
export type DeadlineLimits = { readonly totalMs: number; readonly content?: Omit<AnswerTimeLimits, "totalMs"> };

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

  const pace = limits.content === undefined ? null : createAnswerPace(limits.content);
  let hasContent = false;
  let isUnread = false;
  let freeSinceMs = startedAtMs;
  let cancelContentTimer = () => {};
  let isOver = false;
  // Looks again when the next content would be late: a timer for every event would cost more than reading it.
  const watchContent = (lookedAtMs: number) => {
    if (pace === null || limits.content === undefined || isOver) return;
    const nowMs = clock.monotonicMs();
    const { firstContentMs, betweenContentMs } = limits.content;
    const dueMs = Math.max(startedAtMs + pace.dueMs(), (isUnread ? nowMs : freeSinceMs) + betweenContentMs);
    if (nowMs < dueMs) cancelContentTimer = clock.setTimer(dueMs - nowMs, () => watchContent(dueMs));
    else if (hasContent) endLate(lookedAtMs, `no further content within ${betweenContentMs} ms, behind the task's target`);
    else endLate(lookedAtMs, `no first content within ${firstContentMs} ms`);
  };

  const cancelTotal = clock.setTimer(limits.totalMs, onTotal);
  watchContent(startedAtMs);
  let removeListener = () => {};
  if (signal?.aborted === true) cancel();
  else if (signal !== undefined) removeListener = onAbort(signal, cancel);
  return {
    signal: controller.signal,
    getFailure: () => failure,
    noteContent(workUnits, atMs) {
      pace?.note(workUnits, atMs - startedAtMs);
      if (hasContent || workUnits === 0) return;
      hasContent = true;
      cancelContentTimer();
      watchContent(clock.monotonicMs());
    },
    noteUnread() {
      isUnread = true;
    },
    noteRead(sinceMs) {
      isUnread = false;
      freeSinceMs = sinceMs ?? freeSinceMs;
    },
    clear() {
      isOver = true;
      cancelTotal();
      cancelContentTimer();
      removeListener();
    },
  };
}
