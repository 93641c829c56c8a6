import type { PeriodReport, PeriodRequests, PeriodSummary } from "@vision/protocol";
import type { MinerTaskSeries } from "@vision/scoring";
import type { ScoringInputs } from "../domain/pack-scoring-inputs.js";
import type { EpochRecord } from "../domain/records/index.js";

/** Periods whose scoring inputs are kept: a day of hours. */
export const KEPT_SCORING_INPUTS = 24;

/** What scores are computed from, the scores, and the public reports. */
export type ScoreStore = {
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
    /** Length of a usual period, milliseconds: rows of one that was shorter or longer by more than 1 % say how long it was. */
    readonly usualPeriodMs?: number;
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
  /** Numbers of the newest periods that have a report, newest first. */
  listReportedPeriods(limit: number): Promise<readonly number[]>;
  /** The requests of a period that has a report, as dots; null where it has none. */
  getPeriodRequests(period: number): Promise<PeriodRequests | null>;
  /** Those of them that have a report, in any order. */
  getPeriodSummaries(periods: readonly number[]): Promise<readonly PeriodSummary[]>;
};
