export type { Clock } from "./clock.js";
export type { CapacityLedger, Reservation } from "./ledger.js";
export type { LogFacts, Logger } from "./logger.js";
export type { Counter, Gauge, Histogram, ValidatorMetrics } from "./metrics.js";
export type { PromptCount, PromptCounter } from "./prompt-counter.js";
export type { Reference } from "./reference.js";
export type { ResultsSpool, SpooledResult } from "./results-spool.js";
export type { Candidate, RoutingView } from "./routing.js";
export type {
  ApiKeyRecord,
  CheckRecord,
  ClaimedCheck,
  EpochRecord,
  OpenPeriod,
  PendingChecks,
  PeriodCounts,
  PeriodRecord,
  PlannedProbe,
  ResultFailure,
  ResultRecord,
  SampleRecord,
  Store,
  WeightSetRecord,
} from "./store.js";
export { KEPT_SCORING_INPUTS } from "./store.js";
