import type { Answer } from "@vision/protocol";
import type { AnswerTiming, EpochReport, MinerTaskSeries, TallyCounts } from "@vision/scoring";
import type { ClientFailure } from "@vision/sdk/client";
import type { ScoringInputs } from "../domain/pack-scoring-inputs.js";
import type { PeriodReport } from "../domain/period-report.js";

/** One miner and task in a period's plan. */
export type PlannedProbe = {
  readonly hotkey: string;
  readonly taskId: string;
  /** As declared, after parsing and cutting to the task's maximum, work units per hour. */
  readonly declaredCapacityPerHour: number;
  /** Share of the capacity that this period tries, 0 to 1. */
  readonly triedFraction: number;
  /** Work units that synthetic and organic requests together are to reach. */
  readonly plannedUnits: number;
  readonly plannedRequests: number;
};

/** A scoring period. `period` counts up by one per period length, gaps included. */
export type PeriodRecord = {
  readonly period: number;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** Seed of the period's draws, 32 bytes in hex. */
  readonly seed: string;
};

/** An open period with what was planned and what was recorded so far. */
export type OpenPeriod = PeriodRecord & { readonly probes: readonly (PlannedProbe & PeriodCounts)[] };

/** Counts of one miner and task in one period; they grow with every recorded result. */
export type PeriodCounts = TallyCounts & { readonly organicCount: number };

/** How far a failed request came, and with which HTTP status it was answered, if it was. */
export type ResultFailure = Pick<ClientFailure, "stage" | "status">;

/** One finished request, synthetic or organic. */
export type ResultRecord = {
  /** UUID; recording the same one twice changes nothing. */
  readonly requestId: string;
  /** The period it was started in. */
  readonly period: number;
  readonly hotkey: string;
  readonly taskId: string;
  readonly isOrganic: boolean;
  readonly outcome: "ok" | "rateLimited" | "failed";
  readonly blame: "miner" | "validator" | "nobody";
  /** Short reason for anything but ok, for people. */
  readonly reason: string | null;
  /** How far a failed request came, for programs; null for any other outcome. Not kept by the store. */
  readonly failure: ResultFailure | null;
  readonly attemptedUnits: number;
  readonly completedUnits: number;
  readonly startedAtMs: number;
  readonly firstTokenMs: number | null;
  readonly durationMs: number;
};

/** An answer that waits to be checked, with its timing. */
export type CheckRecord = AnswerTiming & {
  readonly requestId: string;
  readonly period: number;
  readonly hotkey: string;
  readonly taskId: string;
  /** The request as sent to the miner. */
  readonly request: unknown;
  readonly answer: Answer;
};

/** A claimed check. `attempts` counts this one. */
export type ClaimedCheck = CheckRecord & { readonly attempts: number };

/** Waiting checks of one miner at one task. */
export type PendingChecks = { readonly hotkey: string; readonly taskId: string; readonly count: number };

/** Judgement of one answer, kept as a scoring sample. */
export type SampleRecord = AnswerTiming & {
  readonly requestId: string;
  readonly period: number;
  readonly hotkey: string;
  readonly taskId: string;
  readonly qualityFraction: number;
  readonly reasons: readonly string[];
};

/** Scores at one moment, and what came of setting them as weights. */
export type EpochRecord = {
  readonly period: number;
  readonly createdAtMs: number;
  readonly report: EpochReport;
};

/** One handing over of weights to the chain. */
export type WeightSetRecord = {
  readonly netuid: number;
  /** First block of the chain's epoch that the weights are for: at most one set each. */
  readonly epochBlock: number;
  readonly weights: readonly { readonly uid: number; readonly weightU16: number }[];
  readonly state: "submitting" | "set" | "failed";
  readonly includedAtBlock: number | null;
  readonly detail: string | null;
};

/** An API key as stored: never the key itself. */
export type ApiKeyRecord = {
  readonly id: string;
  readonly name: string;
  /** First characters of the key, to tell keys apart. */
  readonly prefix: string;
  readonly requestsPerMinute: number;
  /** Work units of answers in a minute; null for no limit. */
  readonly tokensPerMinute: number | null;
  /** Requests under way at a time. */
  readonly concurrentRequests: number;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
};

/** Periods whose scoring inputs are kept: a day of hours. */
export const KEPT_SCORING_INPUTS = 24;

/**
 * Everything that must survive a restart. Methods reject with `VisionError` `STORE_UNREACHABLE` while the database is away; nothing is
 * half done: each method is one transaction.
 */
export type Store = {
  /** The period that is open, or null before the first. */
  getOpenPeriod(): Promise<OpenPeriod | null>;
  /** The newest period number ever opened and when it started; null before the first. */
  getNewestPeriod(): Promise<PeriodRecord | null>;
  /**
   * Closed periods, oldest first, whose report is missing, and of the newest three those whose report counts fewer requests than were
   * recorded: late answers came after it. At most `limit`.
   */
  getPeriodsToReport(limit: number): Promise<readonly OpenPeriod[]>;
  /** Closes whatever period is open and opens this one with its plan, in one transaction. */
  switchPeriod(next: PeriodRecord, probes: readonly PlannedProbe[]): Promise<void>;

  /** Adds results and the checks that come with them, and grows the counts of their periods; idempotent by request id. */
  recordResults(results: readonly ResultRecord[], checks: readonly CheckRecord[]): Promise<void>;

  /** Claims up to `limit` waiting checks for `leaseMs`; miners and tasks with the fewest samples first. A claim that is not settled in time is handed out again. */
  claimChecks(options: { readonly limit: number; readonly nowMs: number; readonly leaseMs: number }): Promise<readonly ClaimedCheck[]>;
  /** Settles a claimed check with its sample. */
  recordSample(sample: SampleRecord): Promise<void>;
  /** Puts a claimed check back (`retry`) or drops it without a sample (`drop`): inconclusive, never a zero. */
  releaseCheck(requestId: string, decision: "retry" | "drop"): Promise<void>;
  countPendingChecks(): Promise<number>;
  /** Waiting checks by miner and task, to hold the backlog within bounds. */
  countPendingChecksBySeries(): Promise<readonly PendingChecks[]>;

  /**
   * Series for scoring: closed periods (and the open one if asked) and the newest samples, both since `fromPeriod`. The declared capacity is
   * that of the newest period's plan; 0 for who is not in it.
   */
  getSeries(options: {
    readonly fromPeriod: number;
    readonly samplesPerSeries: number;
    readonly isOpenPeriodIncluded: boolean;
    /** As if no period were known after the one that followed this one; for scoring a period late. The newest if not given. */
    readonly untilPeriod?: number;
  }): Promise<readonly MinerTaskSeries[]>;

  /**
   * Keeps scores, in place of earlier ones of that period, and what they were computed from; without `inputs`, those of earlier scores go.
   * Inputs are kept of the newest {@link KEPT_SCORING_INPUTS} periods only: they are the one large thing.
   */
  saveEpoch(record: EpochRecord, inputs?: ScoringInputs): Promise<void>;
  getLatestEpoch(): Promise<EpochRecord | null>;
  getEpoch(period: number): Promise<EpochRecord | null>;
  /** What the scores of that period were computed from, as `packScoringInputs` makes it (gzipped JSON); null when it is not kept. */
  getScoringInputs(period: number | "latest"): Promise<Uint8Array | null>;

  /** Keeps the public report of a closed period, in place of an earlier one. */
  savePeriodReport(report: PeriodReport): Promise<void>;
  getLatestPeriodReport(): Promise<PeriodReport | null>;
  getPeriodReport(period: number): Promise<PeriodReport | null>;

  /** Checks and records in one step that weights for an epoch are being set: false when some process already did or is doing so. */
  beginWeightSet(record: {
    readonly netuid: number;
    readonly epochBlock: number;
    readonly weights: WeightSetRecord["weights"];
    readonly nowMs: number;
    readonly staleAfterMs: number;
  }): Promise<boolean>;
  finishWeightSet(record: {
    readonly netuid: number;
    readonly epochBlock: number;
    readonly state: "set" | "failed";
    readonly includedAtBlock: number | null;
    readonly detail: string | null;
  }): Promise<void>;
  /** The last weights that the chain took; null before the first. */
  getLastWeightSet(netuid: number): Promise<WeightSetRecord | null>;

  /** Stores a key by the SHA-256 of its text (keys carry 256 bits of randomness, so a plain digest suffices). */
  createApiKey(record: {
    readonly id: string;
    readonly name: string;
    readonly prefix: string;
    readonly sha256Hex: string;
    readonly requestsPerMinute: number;
    readonly tokensPerMinute: number | null;
    readonly concurrentRequests: number;
    readonly nowMs: number;
  }): Promise<void>;
  findApiKey(sha256Hex: string): Promise<ApiKeyRecord | null>;
  listApiKeys(): Promise<readonly ApiKeyRecord[]>;
  /** False when there is no such key or it was revoked before. */
  revokeApiKey(idOrPrefix: string, nowMs: number): Promise<boolean>;
  touchApiKeys(uses: ReadonlyMap<string, number>): Promise<void>;

  /**
   * Drops what belongs to the oldest period when more than `keptPeriods` are stored, and only that one: what is old is told by what is
   * there, never by a clock, and whatever goes wrong costs one period. Returns how many rows went.
   */
  deleteOldestPeriod(options: { readonly keptPeriods: number }): Promise<number>;
  close(): Promise<void>;
};
