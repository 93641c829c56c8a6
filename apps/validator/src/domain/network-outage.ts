import type { ResultRecord } from "../ports/index.js";

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

const networkReason = /^(connection failed|the connection was closed|status 40[13]\b)/;
const answeredReason = /^status \d{3}\b/;

/** What a failure's reason says about the way to the miner. */
export type ReachSign = "unreachable" | "reached" | "unknown";

/**
 * Whether a miner was reached, told by a failure's reason. 401 and 403 are as good as no connection: they are what everybody answers when
 * our clock, key or permit is wrong.
 */
export function readReachSign(reason: string | null): ReachSign {
  if (reason === null) return "unknown";
  if (networkReason.test(reason)) return "unreachable";
  return answeredReason.test(reason) ? "reached" : "unknown";
}

/** {@link readReachSign} of a result: every answer and every refusal shows that there is a way. */
export function reachSignOf(result: Pick<ResultRecord, "outcome" | "blame" | "reason">): ReachSign {
  if (result.outcome !== "failed") return "reached";
  return result.blame === "miner" ? readReachSign(result.reason) : "unknown";
}

/** Whether so many of so many miners cannot be reached that the fault is ours. */
export function isOutage(counts: { readonly failing: number; readonly heard: number }, params: OutageParams): boolean {
  return counts.heard >= params.minMiners && counts.failing >= counts.heard * params.minFailingFraction;
}
