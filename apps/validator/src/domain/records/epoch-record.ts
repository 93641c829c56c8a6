import type { EpochReport } from "@vision/scoring";

/** Scores at one moment, and what came of setting them as weights. */
export type EpochRecord = {
  readonly period: number;
  readonly createdAtMs: number;
  readonly report: EpochReport;
};
