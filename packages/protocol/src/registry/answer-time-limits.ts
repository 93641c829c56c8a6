import type { Task } from "./task.js";

/** How long the parts of one answer may take, milliseconds. Whoever exceeds one has failed. */
export type AnswerTimeLimits = {
  /** From the request to the first content of a stream: text, a token, a thought, a tool call. */
  readonly firstContentMs: number;
  /** From one piece of content to the next, where the answer is behind its task's target; see {@link createAnswerPace}. */
  readonly betweenContentMs: number;
  /** The whole answer, streamed or not. */
  readonly totalMs: number;
  /** The speed that nobody is blamed for. */
  readonly target: Task["target"];
};

const FIRST_CONTENT_MS = 10_000; // a queue or a cold cache is no failure; a hung server is
const BETWEEN_CONTENT_MS = 10_000;
const FIRST_CONTENT_TARGETS = 40; // 20 s at a target of 500 ms: a long prompt on a busy server
const SLOWEST_FRACTION = 0.5; // of the target speed: half of it can still finish, and earns what the speed factor says

/**
 * Time limits of an answer: a hung miner is given up long before the whole time is over, and a long answer has the time that it needs.
 *
 * @param maxWorkUnits - The most that the request can take, by its family's `maxWorkUnits`.
 */
export function answerTimeLimits(task: Pick<Task, "timeoutMs" | "target">, maxWorkUnits: number): AnswerTimeLimits {
  const { timeoutMs, target } = task;
  const firstContentMs = Math.min(timeoutMs, Math.max(FIRST_CONTENT_MS, FIRST_CONTENT_TARGETS * target.firstTokenMs));
  const workMs = (maxWorkUnits / (target.unitsPerSecond * SLOWEST_FRACTION)) * 1000;
  return {
    firstContentMs,
    betweenContentMs: Math.min(timeoutMs, BETWEEN_CONTENT_MS),
    totalMs: Math.max(timeoutMs, Math.ceil(firstContentMs + workMs)),
    target,
  };
}

/** Until when the next content of one answer is due. Times in milliseconds since the request. */
export type AnswerPace = {
  /** Takes in how much has come until then. Events that bring nothing change nothing: empty ones, a role, usage. */
  note(workUnits: number, atMs: number): void;
  /** When the next content is late. */
  dueMs(): number;
};

/**
 * The pace of one streamed answer. Servers send tokens one by one or hundreds at a time; so the next content is not due before an answer at
 * the target speed would have brought as much again as the largest piece so far: no rhythm is blamed for a pace at or above the target.
 */
export function createAnswerPace({ firstContentMs, betweenContentMs, target }: Omit<AnswerTimeLimits, "totalMs">): AnswerPace {
  let units = 0;
  let largestUnits = 0;
  let lastMs = 0;
  return {
    note(workUnits, atMs) {
      if (workUnits <= units) return;
      largestUnits = Math.max(largestUnits, workUnits - units);
      units = workUnits;
      lastMs = atMs;
    },
    dueMs() {
      if (units === 0) return firstContentMs;
      const paceMs = target.firstTokenMs + ((units + largestUnits) / target.unitsPerSecond) * 1000;
      return Math.max(lastMs, paceMs) + betweenContentMs;
    },
  };
}
