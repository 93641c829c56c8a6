/** When the epoch is that is scored. */
export type EpochTime = {
  readonly period: number;
  readonly periodsPerHour: number;
  /** Periods that were held, oldest first, each once; null if nobody counts as absent. */
  readonly heldPeriods: Float64Array | null;
};
