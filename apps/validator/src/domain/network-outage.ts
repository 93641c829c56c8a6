import type { ResultFailure, ResultRecord } from "./records/index.js";

/** When failures at many miners are taken for our own. */
export type OutageParams = {
  /** Failures and answers of this time are looked at together, milliseconds. */
  readonly windowMs: number;
  /** Fewer miners than this tell nothing about us. */
  readonly minMiners: number;
  /** Share of the miners heard of that must fail. */
  readonly minFailingFraction: number;
};

/** The production defaults. */
export const defaultOutageParams: OutageParams = { windowMs: 10_000, minMiners: 5, minFailingFraction: 0.8 };

/** What a failure says about the way to the miner. */
export type ReachSign = "unreachable" | "reached" | "unknown";

// What everybody answers when our clock, key or permit is wrong: as good as no connection.
const refusingStatuses: ReadonlySet<number | null> = new Set([401, 403]);

/** Whether a miner refused what was sent as not signed by somebody whom it serves, and at this time. */
export const isRefusedSignature = ({ stage, status }: ResultFailure): boolean => stage === "status" && refusingStatuses.has(status);

/** Whether a miner was reached, told by how far a failed request came. */
export function readReachSign({ stage, status }: ResultFailure): ReachSign {
  switch (stage) {
    case "connection":
      return "unreachable";
    case "status":
      return isRefusedSignature({ stage, status }) ? "unreachable" : "reached";
    case "request":
    case "session":
    case "time":
    case "content":
    case "cancelled":
      return "unknown";
  }
}

/** {@link readReachSign} of a result: every answer and every refusal shows that there is a way. */
export function reachSignOf({ outcome, blame, failure }: Pick<ResultRecord, "outcome" | "blame" | "failure">): ReachSign {
  if (outcome !== "failed") return "reached";
  return blame === "miner" && failure !== null ? readReachSign(failure) : "unknown";
}

/** Whether so many of so many miners cannot be reached that the fault is ours. */
export function isOutage(counts: { readonly failing: number; readonly heard: number }, params: OutageParams): boolean {
  return counts.heard >= params.minMiners && counts.failing >= counts.heard * params.minFailingFraction;
}
