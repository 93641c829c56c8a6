import type { TallyCounts } from "@vision/scoring";
import type { PlannedProbe } from "@vision/scoring/probing";

/** A scoring period. `period` counts up by one per period length, gaps included. */
export type PeriodRecord = {
  readonly period: number;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** Seed of the period's draws, 32 bytes in hex. */
  readonly seed: string;
  /** The seed of its large draws, which other validators have too. */
  readonly commonSeed: string;
};

/** Counts of one miner and task in one period; they grow with every recorded result. */
export type PeriodCounts = TallyCounts & { readonly organicCount: number };

/** An open period with what was planned and what was recorded so far. */
export type OpenPeriod = PeriodRecord & { readonly probes: readonly (PlannedProbe & PeriodCounts)[] };
