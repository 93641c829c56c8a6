import { safeUnits } from "./numbers.js";
import type { Observation, TallyCounts } from "./observation.js";

/** Counts before the first request. */
export const emptyTally: TallyCounts = {
  attemptedUnits: 0,
  completedUnits: 0,
  rateLimitedUnits: 0,
  failedUnits: 0,
  requests: 0,
  okCount: 0,
  rateLimitedCount: 0,
  failedCount: 0,
};

/**
 * Whether a request counts for its miner at all: it was answered, or the miner is to blame that it was not. Everything that counts
 * requests asks this one function.
 */
export function isCounted({ outcome, blame }: Pick<Observation, "outcome" | "blame">): boolean {
  return outcome === "ok" || blame === "miner";
}

/**
 * The counts with one more request; unchanged if it does not count.
 *
 * @param observation - Units that are not a finite number above 0 count as 0. What a failed request delivered is not completed work.
 */
export function addToTally(
  counts: TallyCounts,
  observation: Pick<Observation, "outcome" | "blame" | "attemptedUnits" | "completedUnits">,
): TallyCounts {
  if (!isCounted(observation)) return counts;
  const attempted = safeUnits(observation.attemptedUnits);
  const is = (outcome: Observation["outcome"]) => (observation.outcome === outcome ? 1 : 0);
  return {
    attemptedUnits: counts.attemptedUnits + attempted,
    completedUnits: counts.completedUnits + is("ok") * safeUnits(observation.completedUnits),
    rateLimitedUnits: counts.rateLimitedUnits + is("rateLimited") * attempted,
    failedUnits: counts.failedUnits + is("failed") * attempted,
    requests: counts.requests + 1,
    okCount: counts.okCount + is("ok"),
    rateLimitedCount: counts.rateLimitedCount + is("rateLimited"),
    failedCount: counts.failedCount + is("failed"),
  };
}
