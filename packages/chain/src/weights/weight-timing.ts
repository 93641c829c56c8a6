/** What the moment to set weights is decided from. All in blocks. */
export type WeightTimingInput = {
  /** The newest block. */
  readonly blockNumber: number;
  /** First block of the next epoch. */
  readonly nextEpochBlock: number;
  readonly tempoBlocks: number;
  /** Block at which the neuron last set or committed weights; 0 when never. */
  readonly lastUpdateBlock: number;
  readonly weightsRateLimitBlocks: number;
  /** How long before the epoch to set: enough for two tries to be included. Default {@link DEFAULT_LEAD_BLOCKS}. */
  readonly leadBlocks?: number;
};

/** When to set weights: at once, or at a block. */
export type WeightTiming =
  | { readonly kind: "now" }
  | { readonly kind: "wait"; readonly untilBlock: number; readonly reason: "epoch-far" | "rate-limit" | "epoch-starting" };

/** Five tries of 12 s each fit in one minute and a half; 10 blocks are two minutes. */
export const DEFAULT_LEAD_BLOCKS = 10;

/**
 * The best moment to set weights: as late in an epoch as still leaves time for retries, so that they rest on the newest scores, but
 * never inside the rate limit and never so late that the extrinsic would land in the epoch's own first block.
 *
 * With a tempo shorter than the lead, half the tempo is the lead.
 */
export function planWeightTiming(input: WeightTimingInput): WeightTiming {
  const lead = Math.max(1, Math.min(input.leadBlocks ?? DEFAULT_LEAD_BLOCKS, Math.floor(input.tempoBlocks / 2)));
  const allowedFrom = input.lastUpdateBlock === 0 ? 0 : input.lastUpdateBlock + input.weightsRateLimitBlocks;
  const windowStart = input.nextEpochBlock - lead;
  // An extrinsic is in the next block at the earliest.
  const landsAt = input.blockNumber + 1;
  if (landsAt >= input.nextEpochBlock) {
    return { kind: "wait", untilBlock: Math.max(input.nextEpochBlock, allowedFrom - 1), reason: "epoch-starting" };
  }
  if (landsAt < allowedFrom) {
    return allowedFrom <= windowStart
      ? { kind: "wait", untilBlock: windowStart, reason: "epoch-far" }
      : { kind: "wait", untilBlock: allowedFrom - 1, reason: "rate-limit" };
  }
  return input.blockNumber >= windowStart ? { kind: "now" } : { kind: "wait", untilBlock: windowStart, reason: "epoch-far" };
}

/** What the fallback is decided from. */
export type WeightFallbackInput = {
  readonly blockNumber: number;
  readonly lastUpdateBlock: number;
  /** Silence after which the last good weights are set again, blocks. Keep it well below the subnet's activity cutoff. */
  readonly maxSilenceBlocks: number;
  /** True when this epoch's scoring gave weights that can be set. */
  readonly hasFreshWeights: boolean;
  /** True when weights that were set before are at hand. */
  readonly hasLastGoodWeights: boolean;
};

/**
 * Which weights to set: the fresh ones when there are any; after too long a silence the last good ones, because a validator that is
 * silent past the activity cutoff stops counting and can lose its permit; otherwise none.
 */
export function planWeightFallback(input: WeightFallbackInput): "fresh" | "last-good" | "none" {
  if (input.hasFreshWeights) return "fresh";
  const silenceBlocks = input.blockNumber - input.lastUpdateBlock;
  return input.hasLastGoodWeights && silenceBlocks >= input.maxSilenceBlocks ? "last-good" : "none";
}
