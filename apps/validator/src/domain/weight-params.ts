/** When weights are set, and what stands in for them after failures. */
export type WeightParams = {
  /** Periods of history that scores rest on. */
  readonly historyPeriods: number;
  /** Newest samples per miner and task that quality rests on. */
  readonly samplesPerSeries: number;
  /** First closed periods are waited for: no weights are set on fewer than this many. */
  readonly minClosedPeriods: number;
  /** Blocks before the epoch from which weights are set. */
  readonly leadBlocks: number;
  /** Silence after which the last good weights are set again, blocks. */
  readonly maxSilenceBlocks: number;
  /** Wait after a failure, milliseconds; doubles up to {@link WeightParams.maxRetryDelayMs}. */
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
  /** A set that another process began and never finished is taken over after this time, milliseconds. */
  readonly staleAfterMs: number;
  /** Version of the weights' meaning; must be at least the subnet's version key. */
  readonly versionKey: bigint;
};

/** The production defaults. */
export const defaultWeightParams: WeightParams = {
  historyPeriods: 168,
  samplesPerSeries: 50,
  minClosedPeriods: 1,
  leadBlocks: 10,
  maxSilenceBlocks: 3_000, // ten hours; the usual activity cutoff is 5000 blocks
  retryDelayMs: 12_000,
  maxRetryDelayMs: 300_000,
  staleAfterMs: 120_000,
  versionKey: 1n,
};
