import type { Counter, Gauge, Histogram } from "@vision/program";

/** What the validator measures of itself. Names on the wire are `vision_` plus the key in snake case, with the unit as suffix. */
export type ValidatorMetrics = {
  /** Labels: task, source (synthetic | organic), outcome (ok | rateLimited | failed). */
  readonly requestsTotal: Counter;
  /** Labels: task, source. */
  readonly firstTokenSeconds: Histogram;
  /** Labels: task. */
  readonly probesUnsentTotal: Counter;
  /** Labels: task, verdict (judged | inconclusive). */
  readonly checksTotal: Counter;
  readonly checksPending: Gauge;
  /** Labels: task. */
  readonly checksSkippedTotal: Counter;
  readonly checkSeconds: Histogram;
  /** Labels: reference, outcome (judged | inconclusive | failed). */
  readonly referenceRequestsTotal: Counter;
  /** Labels: reference, as the next two. */
  readonly referenceSeconds: Histogram;
  readonly referenceUp: Gauge;
  readonly referenceDisagreementsTotal: Counter;
  /** Labels: dependency (chain | store | reference | network | redis). 1 while it can be used, 0 while what needs it is paused. */
  readonly dependencyUp: Gauge;
  readonly ledgerProcesses: Gauge;
  readonly resultsBuffered: Gauge;
  readonly weightsSetTotal: Counter;
  readonly weightsFailedTotal: Counter;
  readonly lastWeightsBlock: Gauge;
  readonly currentPeriod: Gauge;
  readonly minersKnown: Gauge;
  /** Labels: task. Miners that declared a capacity for the running period. */
  readonly taskMiners: Gauge;
  /** Labels: hotkey, task. Of the newest report, as the next one. */
  readonly scoredQualityRatio: Gauge;
  readonly scoredCreditRatio: Gauge;
  /** Labels: hotkey. */
  readonly scoredWeightRatio: Gauge;
  readonly registered: Gauge;
  readonly validatorPermit: Gauge;
  readonly stakeTao: Gauge;
  readonly chainBlock: Gauge;
  readonly chainHeadAgeSeconds: Gauge;
  readonly diskFreeBytes: Gauge;
  /** Labels: task. Shares in force, 0 to 1. */
  readonly taskWeightRatio: Gauge;
  /** Labels: task. 1 for an enabled task whose answers no reference can check, so that it pays nobody; else 0. */
  readonly taskUnchecked: Gauge;
  readonly weightsSilenceBlocks: Gauge;
  readonly weightsLate: Gauge;
  /** Labels: outcome (revealed | lost). */
  readonly weightsRevealsTotal: Counter;
  /** Labels: route, status. */
  readonly gatewayRequestsTotal: Counter;
  readonly gatewaySeconds: Histogram;
  /** Labels: task, outcome (won | lost). */
  readonly gatewayHedgesTotal: Counter;
  readonly gatewayContinuationsTotal: Counter;
  /** Labels: reason (all_taken | address | invalid_http | headers_too_large | request_timeout). */
  readonly gatewayConnectionsRefusedTotal: Counter;
  /** Labels: thread (core | gateway | prober), cause (miner | sender | own). */
  readonly standstillSecondsTotal: Counter;
  /** Labels: thread (gateway | prober). */
  readonly threadRestartsTotal: Counter;
};
