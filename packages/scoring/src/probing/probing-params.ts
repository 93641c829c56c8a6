/** With this probability the tried share of a capacity is drawn uniformly between two fractions. */
export type ShareBand = { readonly probability: number; readonly from: number; readonly to: number };

/** Hours in which large shares are tried, of many miners at once. They follow from a public seed, so that all validators try in the same ones. */
export type BigDrawParams = {
  /** Probability that an hour is one. */
  readonly probabilityPerHour: number;
  /** Share of the hotkeys that it tries, each at all of its tasks; users keep the others. */
  readonly hotkeyFraction: number;
  /** Probability that an hour tries all hotkeys whose declaration was hardly tried yet. */
  readonly untriedProbabilityPerHour: number;
  /** A declaration of which this share was tried lately needs no hurry. */
  readonly triedFraction: number;
  /** The share of a capacity that a large draw tries, uniform between the two. */
  readonly from: number;
  readonly to: number;
};

/** A point of {@link ProbingParams.shareFloor}: a capacity of that many typical requests per period is tried to at least that fraction. */
export type ShareFloorPoint = { readonly capacityRequests: number; readonly fraction: number };

/** How much of each miner's capacity is tried, and how the requests are sent. */
export type ProbingParams = {
  readonly periodMs: number;
  /** Probabilities sum to 1. Fractions are 0 to 1. */
  readonly shareBands: readonly [ShareBand, ...ShareBand[]];
  readonly bigDraws: BigDrawParams;
  /** Linear between its points, flat outside them; empty means no floor. Lets short periods try larger shares of larger capacities. */
  readonly shareFloor: readonly ShareFloorPoint[];
  /** Fewest requests planned for a miner and task, as far as the capacity allows. 0: a plan of less than a request is one now and then. */
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

/** The production defaults, chosen with the lab (`npm run lab`). A period is one hour. */
export const defaultProbingParams: ProbingParams = {
  periodMs: 3_600_000,
  shareBands: [{ probability: 1, from: 0.01, to: 0.02 }],
  bigDraws: { probabilityPerHour: 0.06, hotkeyFraction: 0.67, untriedProbabilityPerHour: 0.4, triedFraction: 0.94, from: 0.97, to: 1 },
  shareFloor: [],
  minRequestsPerPeriod: 0,
  maxRequestsPerPeriod: 20_000,
  maxConcurrentRequests: 256,
  maxConcurrentPerProbe: 16,
  sendWindowFraction: 0.96,
  capacityConcurrency: 64,
  capacityTimeoutMs: 10_000,
};
