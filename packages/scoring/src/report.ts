import type { EvidenceReport } from "./evidence/accumulate-evidence.js";

/** What a check found wrong with an answer. */
export type AnswerFault = {
  readonly period: number;
  /** Verdict, 0 to 1. */
  readonly qualityFraction: number;
  /** Plain words. */
  readonly reasons: readonly string[];
};

/** Every intermediate value of one miner at one task. All numbers are finite. */
export type MinerTaskReport = {
  readonly hotkey: string;
  readonly taskId: string;
  /** Declared capacity as it counted, work units per hour. */
  readonly declaredCapacityPerHour: number;
  /** Period numbers, oldest first. Shape: one per stored period in which something counted. */
  readonly periods: readonly number[];
  /** Period scores, 0 to 1, in the order of `periods`. */
  readonly periodScores: readonly number[];
  /** Weight of each period in the average, in the order of `periods`; sums to 1, or is all 0 if nothing counts. */
  readonly periodWeights: readonly number[];
  /** Requests, and what became of them, over all periods. Misses blamed on others are not in here. */
  readonly requests: number;
  readonly okCount: number;
  readonly rateLimitedCount: number;
  readonly failedCount: number;
  readonly attemptedUnits: number;
  readonly completedUnits: number;
  /** Weighted mean of the period scores times the newcomer factor, 0 to 1. */
  readonly averagePeriodScore: number;
  /** Hours of data in which the miner answered at least once. */
  readonly dataHours: number;
  /** Discount for a short record, 0 to 1; already in `averagePeriodScore`. */
  readonly newcomerFactor: number;
  readonly sampleCount: number;
  /** Answers that were chosen to be checked and still wait for it; see `keepVerifiedWork`. */
  readonly waitingCount: number;
  /** Mean verdict, 0 to 1. */
  readonly meanVerdict: number;
  /** The same with every hour counting once, however many of its answers were checked; the lesser of the two makes the quality. */
  readonly meanHourVerdict: number;
  /** Mean speed factor of the answers; 1 at the task's target. */
  readonly meanSpeedFactor: number;
  /** Discount for few samples, 0 to 1; already in `quality`. */
  readonly sampleConfidence: number;
  /** Running tally of verdict x speed factor. */
  readonly quality: number;
  /** What the answers say together of the engine behind them. */
  readonly evidence: EvidenceReport;
  /** The newest answers with a fault, and what it was; at most three. Words for people, no part of the score. */
  readonly faults: readonly AnswerFault[];
  /** Best volume per hour that completed work has proven, work units per hour, faded with age. */
  readonly provenCapacityPerHour: number;
  /** Largest volume per hour that was asked for, work units per hour, faded with age. Far below what is declared, it has to be tried. */
  readonly triedCapacityPerHour: number;
  /** Mean of what was declared lately, absence counted as 0, work units per hour; never more than is declared now. */
  readonly meanDeclaredPerHour: number;
  /** Largest volume per hour that was asked for within the declared capacity and missed, work units per hour, faded with age. */
  readonly missedCapacityPerHour: number;
  /** How many times the proven volume may be credited; 1 means no more than was proven. */
  readonly headroomFactor: number;
  /** Discount for declaring more than the misses allow to believe, 0 to 1. */
  readonly claimFactor: number;
  /** Share of the volume of the latest hours that was served, 0 to 1. */
  readonly recentServedFraction: number;
  /** Capacity that is paid for, work units per hour; never more than declared. */
  readonly creditedCapacityPerHour: number;
  /** quality x average period score x credited capacity, work units per hour. */
  readonly effectiveVolume: number;
  /** Share of the task's effective volume, 0 to 1, before the exponent. */
  readonly share: number;
  /** Share of the task's reward, 0 to 1, after the exponent. Sums to 1 over the task's miners, or is 0 for all. */
  readonly taskScore: number;
};

/** What a miner earns over all tasks. */
export type MinerReport = {
  readonly hotkey: string;
  /** Sum over tasks of task weight x task score, 0 to 1. */
  readonly overallScore: number;
  /** Share of all overall scores, 0 to 1; what is set on chain. */
  readonly weight: number;
  /** By task id. */
  readonly tasks: readonly MinerTaskReport[];
};

/** What became of one task. */
export type TaskReport = {
  readonly taskId: string;
  /** Share of the reward before tasks without a scored miner were left out, 0 to 1. */
  readonly weight: number;
  /** False if no miner earned anything: the task's weight then goes to the other tasks in proportion. */
  readonly isServed: boolean;
  /** Share of its weight that is paid at the task, 0 to 1: below 1 where too little is served for all of it. */
  readonly paidFraction: number;
  readonly minerCount: number;
  /** Work units per hour. */
  readonly totalEffectiveVolume: number;
};

/** A value that could not be taken as it came, and what was done about it. */
export type ScoringProblem = {
  /** Absent when it concerns the whole epoch. */
  readonly hotkey?: string;
  readonly taskId?: string;
  readonly message: string;
};

/** The scoring of one epoch with every intermediate value. Plain data: it survives JSON unchanged. */
export type EpochReport = {
  readonly period: number;
  readonly periodsPerHour: number;
  /** Name of the parameter set. */
  readonly preset: string;
  /** By task id. */
  readonly tasks: readonly TaskReport[];
  /** By hotkey. Every miner that was observed, also those that earn nothing. */
  readonly miners: readonly MinerReport[];
  readonly problems: readonly ScoringProblem[];
};
