import type { Task } from "./task.js";

/** How long the parts of one answer may take, milliseconds. Whoever exceeds one has failed. */
export type AnswerTimeLimits = {
  /** From the request to the first event of a stream. */
  readonly firstEventMs: number;
  /** From one event to the next. */
  readonly betweenEventsMs: number;
  /** The whole answer, streamed or not. */
  readonly totalMs: number;
};

const FIRST_EVENT_MS = 10_000; // a queue or a cold cache is no failure; a hung server is
const BETWEEN_EVENTS_MS = 10_000;
const FIRST_EVENT_TARGETS = 40; // 20 s at a target of 500 ms: a long prompt on a busy server
const SLOWEST_FRACTION = 0.5; // of the target speed: half of it can still finish, and earns what the speed factor says

/**
 * Time limits of an answer: a hung miner is given up long before the whole time is over, and a long answer has the time that it needs.
 *
 * @param maxWorkUnits - The most that the request can take, by its family's `maxWorkUnits`.
 */
export function answerTimeLimits(task: Pick<Task, "timeoutMs" | "target">, maxWorkUnits: number): AnswerTimeLimits {
  const { timeoutMs, target } = task;
  const firstEventMs = Math.min(timeoutMs, Math.max(FIRST_EVENT_MS, FIRST_EVENT_TARGETS * target.firstTokenMs));
  const workMs = (maxWorkUnits / (target.unitsPerSecond * SLOWEST_FRACTION)) * 1000;
  return {
    firstEventMs,
    betweenEventsMs: Math.min(timeoutMs, BETWEEN_EVENTS_MS),
    totalMs: Math.max(timeoutMs, Math.ceil(firstEventMs + workMs)),
  };
}
