/** With this probability the tried share of a capacity is drawn uniformly between two fractions. */
export type ShareBand = { readonly probability: number; readonly from: number; readonly to: number };

/** A point of {@link ProbingParams.shareFloor}: a capacity of that many typical requests per period is tried to at least that fraction. */
export type ShareFloorPoint = { readonly capacityRequests: number; readonly fraction: number };

/** How much of each miner's capacity is tried, and how the requests are sent. */
export type ProbingParams = {
  readonly periodMs: number;
  /** Probabilities sum to 1. Fractions are 0 to 1. */
  readonly shareBands: readonly [ShareBand, ...ShareBand[]];
  /** Linear between its points, flat outside them; empty means no floor. Lets short periods try larger shares of larger capacities. */
  readonly shareFloor: readonly ShareFloorPoint[];
  /** Fewest requests planned for a miner and task, as far as the capacity allows. */
  readonly minRequestsPerPeriod: number;
  /** Most requests planned for a miner and task: bounds what a validator spends on a huge claim. */
  readonly maxRequestsPerPeriod: number;
  /** Synthetic requests in flight over all miners; bounds memory and sockets. */
  readonly maxConcurrentRequests: number;
  /** Synthetic requests in flight at one miner and task. */
  readonly maxConcurrentPerProbe: number;
  /** Share of the period in which probes are started, so that the last answers come in before it ends. */
  readonly sendWindowFraction: number;
  /** Miners asked for their capacities at the same time. */
  readonly capacityConcurrency: number;
  /** A capacity answer that takes longer counts as none, milliseconds. */
  readonly capacityTimeoutMs: number;
};

/**
 * The production defaults. The share bands are the reference's distribution of July 2024 (mean share 7.3 %), a period is one hour.
 */
export const defaultProbingParams: ProbingParams = {
  periodMs: 3_600_000,
  shareBands: [
    { probability: 0.7, from: 0.05, to: 0.05 },
    { probability: 0.27, from: 0.05, to: 0.1 },
    { probability: 0.03, from: 0.4, to: 0.8 },
  ],
  shareFloor: [],
  minRequestsPerPeriod: 1,
  maxRequestsPerPeriod: 20_000,
  maxConcurrentRequests: 256,
  maxConcurrentPerProbe: 16,
  sendWindowFraction: 0.96,
  capacityConcurrency: 64,
  capacityTimeoutMs: 10_000,
};
