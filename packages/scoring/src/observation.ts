import type { AnswerEvidence } from "./evidence/answer-evidence.js";

/** What happened to one request. */
export type Outcome = "ok" | "rateLimited" | "failed";

/** Who a miss is counted against. Read only when the outcome is not `ok`. */
export type Blame = "miner" | "validator" | "nobody";

/** One finished request as scoring sees it. */
export type Observation = {
  readonly hotkey: string;
  readonly taskId: string;
  /** Index of the scoring interval in which the request was *started*; a slow failure stays with the period that asked for it. */
  readonly period: number;
  readonly outcome: Outcome;
  readonly blame: Blame;
  /** Work units that were asked for. */
  readonly attemptedUnits: number;
  /** Work units that were delivered; counts only when the outcome is `ok`. */
  readonly completedUnits: number;
  /** True for a user's request. Scored exactly like a synthetic one; kept for the record. */
  readonly isOrganic: boolean;
};

/** Requests and work units of one miner at one task, by outcome. Misses blamed on others are in no count. */
export type TallyCounts = {
  /** Work units asked for, whatever came of them. */
  readonly attemptedUnits: number;
  /** Work units delivered by requests that were answered properly. */
  readonly completedUnits: number;
  /** Part of `attemptedUnits` that the miner refused with 429. */
  readonly rateLimitedUnits: number;
  /** Part of `attemptedUnits` that failed. */
  readonly failedUnits: number;
  readonly requests: number;
  readonly okCount: number;
  readonly rateLimitedCount: number;
  readonly failedCount: number;
};

/** What one period of one miner at one task comes to: the row that a validator stores. */
export type PeriodTally = TallyCounts & {
  readonly period: number;
  /** Work units that the miner announced for the whole period (not per hour). */
  readonly declaredCapacityUnits: number;
  /** Part of the declared volume that the plan was to try. Left out where it is not known: as much as a large draw tries. */
  readonly plannedUnits?: number;
  /** How long the period was, hours; left out where it had the usual length. */
  readonly hours?: number;
  /** Answers of the period that were checked. Left out where it is not known. */
  readonly checkedCount?: number;
  /** Sum of their verdicts. */
  readonly passedCount?: number;
  /** Answers of the period that were chosen to be checked and still wait for it. Left out where none does. */
  readonly waitingCount?: number;
};

/** How long one answer took. */
export type AnswerTiming = {
  /** Milliseconds from sending the request to the first content; null for answers that come in one piece (images, no stream). */
  readonly firstTokenMs: number | null;
  /** Milliseconds from sending the request to the end of the answer; the time to the first token is part of it. */
  readonly durationMs: number;
  /** Work units of the answer, counted by the validator: tokens or steps, never characters. */
  readonly units: number;
};

/** The speed that counts as 1; a task's `target`. */
export type SpeedTarget = { readonly firstTokenMs: number; readonly unitsPerSecond: number };

/** One answer that was checked and timed. Inconclusive checks make no sample. */
export type AnswerSample = AnswerTiming & {
  /** Period in which the request was started. */
  readonly period: number;
  /** Verdict, 0 to 1. */
  readonly qualityFraction: number;
  /** What the check found wrong, in plain words, for the report; has no part in the score. Left out where nothing was. */
  readonly reasons?: readonly string[];
  /** True for the answer to a user. */
  readonly isOrganic?: boolean;
  /** What the answer tells of the engine behind it; left out where it tells nothing. */
  readonly evidence?: AnswerEvidence;
};

/** All that is known of one miner at one task. */
export type MinerTaskSeries = {
  readonly hotkey: string;
  readonly taskId: string;
  /** Work units per hour that the miner declares now. May be anything the miner sent: what is not a finite number above 0 counts as 0. */
  readonly declaredCapacityPerHour: number;
  /** Any order, at most one row per period. Shape: as many periods as the validator keeps. */
  readonly periods: readonly PeriodTally[];
  /** Any order. */
  readonly samples: readonly AnswerSample[];
};

/** Everything that weights are computed from. */
export type EpochObservations = {
  /** Newest period, the one that ages are counted from. */
  readonly period: number;
  /** Periods in an hour: 1 for a period of an hour, 180 for one of 20 s. */
  readonly periodsPerHour: number;
  /**
   * Periods in which this validator asked miners at all, any order: a miner without a row in one of them was absent. Left out, nobody
   * counts as absent.
   */
  readonly heldPeriods?: readonly number[];
  /** Share of the reward by task id; scaled to sum to 1. Tasks that are not named here earn nothing. */
  readonly taskWeights: Readonly<Record<string, number>>;
  /** Speed that counts as 1, by task id. Every answer of a task that is missing here counts as that fast. */
  readonly targets: Readonly<Record<string, SpeedTarget>>;
  /** Any order, one entry per miner and task. */
  readonly series: readonly MinerTaskSeries[];
};
