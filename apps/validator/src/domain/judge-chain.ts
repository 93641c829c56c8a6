/** The chain's connection as it is at this moment, without asking anybody. */
export type ChainSight = {
  readonly isConnected: boolean;
  /** The newest block that was heard of; null before the first. */
  readonly newestBlockNumber: number | null;
  /** How long ago that was, by this machine's clock. */
  readonly headAgeMs: number | null;
  /** Milliseconds between blocks. */
  readonly blockMs: number;
};

/** Ten blocks of mainnet: by then the client has left a silent endpoint and tried every other one. */
const MAX_HEAD_AGE_MS = 120_000;

/** True while blocks come. A client that just connected and has heard of none yet is given the benefit of the doubt. */
export function isChainHeard({ isConnected, headAgeMs }: ChainSight): boolean {
  return isConnected && (headAgeMs === null || headAgeMs <= MAX_HEAD_AGE_MS);
}

/** Number of the chain's newest block, by the clock: it goes on while none is heard of. Null before the first. */
export function estimateBlock({ newestBlockNumber, headAgeMs, blockMs }: ChainSight): number | null {
  return newestBlockNumber === null ? null : newestBlockNumber + Math.floor((headAgeMs ?? 0) / Math.max(1, blockMs));
}

/** Weights are set once in a tempo; two without any are late. */
const LATE_TEMPOS = 2;

/** True when weights are late: too long a silence of a validator that may set weights and did before. */
export function areWeightsLate(sight: {
  readonly silenceBlocks: number;
  readonly tempoBlocks: number;
  readonly hasPermit: boolean;
  readonly hasSetWeights: boolean;
}): boolean {
  return sight.hasPermit && sight.hasSetWeights && sight.silenceBlocks > LATE_TEMPOS * sight.tempoBlocks;
}
