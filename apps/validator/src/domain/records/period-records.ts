import type { TallyCounts } from "@vision/scoring";

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

/** Counts of one miner and task in one period; they grow with every recorded result. */
export type PeriodCounts = TallyCounts & { readonly organicCount: number };

/** An open period with what was planned and what was recorded so far. */
export type OpenPeriod = PeriodRecord & { readonly probes: readonly (PlannedProbe & PeriodCounts)[] };
