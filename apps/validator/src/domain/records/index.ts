export type { PlannedProbe } from "@vision/scoring/probing";
export type { ApiKeyRecord } from "./api-key-record.js";
export type {
  CheckClaim,
  CheckRecord,
  CheckRelease,
  CheckTerms,
  ClaimedCheck,
  FoundSample,
  FoundSamples,
  HeldCheck,
  KeptReceipt,
  PendingChecks,
  SampleRecord,
  VerdictPlace,
  VerdictRows,
  VerdictsQuery,
} from "./check-records.js";
export type { EpochRecord } from "./epoch-record.js";
export type { ChangedBy, KeyChange } from "./key-change.js";
export type { KeyCharges, KeyUsage } from "./key-usage.js";
export type { OpenPeriod, PeriodCounts, PeriodRecord } from "./period-records.js";
export type { ResultFailure, ResultRecord } from "./result-record.js";
export type { SettingsChange } from "./settings-change.js";
export type { SharedRequestRecord } from "./shared-request-record.js";
export type { RevealOutcome, WeightSetRecord } from "./weight-set-record.js";
