import type { ChainReport, LiveReport } from "@vision/protocol";

/** What is going on in the middle of period 7. */
export function aLiveReport(atMs: number): LiveReport {
  return {
    ...{ atMs, netuid: 1, validatorHotkey: "validator", reportedPeriod: 6, checksWaiting: 2 },
    period: { period: 7, startsAtMs: 0, endsAtMs: 1, requests: 5, okCount: 3, rateLimitedCount: 1, failedCount: 1 },
    chain: { isConnected: true, blockNumber: 25, headAgeMs: 5, nextEpochBlock: 40, weightsSetAtBlock: null, areWeightsReadBack: null },
    tasks: [],
  };
}

/** A subnet without miners. */
export function aChainReport(): ChainReport {
  return {
    ...{ atMs: 1, netuid: 1, blockNumber: 25, tempoBlocks: 20, nextEpochBlock: 40, validatorHotkey: "validator", validatorUid: null },
    ...{ weights: [], lastSet: null, pendingCommits: [], votes: { outcomePpm: {}, ballots: [] }, neurons: [] },
  };
}
