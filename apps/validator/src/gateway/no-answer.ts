import { getFamily, type Task } from "@vision/protocol";
import { waitMs } from "../domain/routing-record.js";
import type { ExchangeResult, Refusal } from "../exchange/exchange.js";
import type { Candidate } from "../ports/index.js";
import { ApiError } from "./api-error.js";

/** Miners whose word it takes that a request is not valid: one may be wrong, or shirk. */
export const REFUSALS_ENOUGH = 2;

/**
 * Refuses what would have to wait for ever. Without any budget the task has no miners at the moment, which may change.
 *
 * @throws {@link ApiError} 400 `invalid_request`.
 */
export function assertCanEverFit(task: Task, units: number, largestBudgetUnits: number): void {
  if (largestBudgetUnits <= 0 || units <= largestBudgetUnits) return;
  const { workUnit } = getFamily(task.family);
  throw new ApiError({
    status: 400,
    code: "invalid_request",
    message: `The request may take ${units} ${workUnit}; no miner of ${task.id} offers more than ${Math.floor(largestBudgetUnits)} in a whole period. Ask for less.`,
  });
}

const RETRY_SECONDS = 2;
const LONGEST_RETRY_SECONDS = 60;

/** When the first of the miners that are full or failing may be asked again; soon, where that is not known. */
function retryAfterSeconds(failures: readonly ExchangeResult[], untried: readonly Candidate[], nowMs: number): number {
  const said = failures.flatMap(({ retryAfterMs }) => (retryAfterMs === null ? [] : [retryAfterMs]));
  const waits = untried.map(({ record }) => waitMs(record, nowMs)).filter((ms) => ms > 0);
  const seconds = [...said, ...waits].map((ms) => Math.ceil(ms / 1000));
  return seconds.length === 0 ? RETRY_SECONDS : Math.min(LONGEST_RETRY_SECONDS, Math.max(1, Math.min(...seconds)));
}

/** What became of the miners that were tried for a request that nobody answered. */
export type Unanswered = {
  readonly task: Task;
  readonly failures: readonly ExchangeResult[];
  readonly refusals: readonly Refusal[];
  readonly untried: readonly Candidate[];
  readonly nowMs: number;
};

/** What its user is told. */
export function noAnswerError({ task, failures, refusals, untried, nowMs }: Unanswered): ApiError {
  const hasFailed = failures.some((failure) => failure.outcome === "failed");
  const [refusal] = refusals;
  if (refusal !== undefined && (refusals.length >= REFUSALS_ENOUGH || !hasFailed)) {
    return new ApiError({ status: 400, code: "invalid_request", message: `The request is not valid: ${refusal.reason}` });
  }
  if (hasFailed) {
    return new ApiError({
      status: 502,
      code: "backend_failed",
      message: `No miner could answer: ${failures.length} ${failures.length === 1 ? "was" : "were"} tried. Try again.`,
      retryAfterSeconds: 1,
    });
  }
  return new ApiError({
    status: 503,
    code: "no_capacity",
    message: `No miner of ${task.id} can be asked at the moment: all are at their capacity, or failing. Try again shortly.`,
    retryAfterSeconds: retryAfterSeconds(failures, untried, nowMs),
  });
}
