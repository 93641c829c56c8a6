import { type Hyperparameters, type Metagraph, type Neuron, planWeightFallback, planWeightTiming, type WeightU16 } from "@vision/chain";
import { judgeLeftWeights } from "./judge-left-weights.js";
import type { CommittedWeights } from "./judge-reveals.js";
import { reuseWeights } from "./prepare-weights.js";
import type { WeightSetRecord } from "./records/index.js";
import type { WeightParams } from "./weight-params.js";

/** A call for weights whose answer got lost, and the block of our last update before it. */
export type UncertainCall = {
  readonly epochBlock: number;
  readonly lastUpdateBlock: number;
  readonly weights: readonly WeightU16[];
};

/** What the chain and the record say when weights may be due. */
export type WeightSight = {
  /** The newest block. */
  readonly blockNumber: number;
  /** First block of the next epoch. */
  readonly nextEpochBlock: number;
  readonly hyperparameters: Pick<
    Hyperparameters,
    "tempoBlocks" | "weightsRateLimitBlocks" | "isCommitRevealEnabled" | "revealPeriodEpochs"
  >;
  /** Block that the metagraph was read at; may be older than the newest. */
  readonly seenAtBlock: number;
  /** Our neuron in that metagraph; null without a registration. */
  readonly own: Neuron | null;
  readonly uncertain: UncertainCall | null;
  /** Weights that are on record as being set, though nobody waits for them any more; oldest first. */
  readonly left: readonly WeightSetRecord[];
  /** The last weights that the chain took; null before the first. */
  readonly last: WeightSetRecord | null;
  /** Sets before the end of the epoch too. */
  readonly isForced: boolean;
};

/** How it is known what became of weights that were handed over earlier. */
export type WeightFinding = "found-after-failure" | "found-after-restart" | "missing-after-restart" | "dropped";

/** What became of weights that were handed over earlier; failed where no block has them. */
export type SettledWeights = {
  readonly epochBlock: number;
  readonly includedAtBlock: number | null;
  readonly finding: WeightFinding;
  /** What the chain is to open, where it holds them as a commit. */
  readonly committed: Pick<CommittedWeights, "revealBlock" | "weights"> | null;
};

/** What is to be done now. Before `untilBlock` nothing can change. */
export type WeightDecision =
  | { readonly kind: "set"; readonly own: Neuron }
  | { readonly kind: "waiting"; readonly untilBlock: number }
  | { readonly kind: "skipped"; readonly reason: string; readonly untilBlock: number }
  /** A lost call's weights are in a block after all. */
  | { readonly kind: "found"; readonly blockNumber: number };

/** What is to be written down first, in this order, and what is to be done then. */
export type WeightPlan = { readonly settled: readonly SettledWeights[]; readonly decision: WeightDecision };

/** Blocks after which a block is there for good, or seen to be gone: subtensor's finality lags two or three blocks. */
export const SETTLED_BLOCKS = 4;

/** Commits are opened so many blocks into an epoch, see `docs/chain.md`. */
const REVEAL_MARGIN_BLOCKS = 3;

/** Decides whether weights are set now, from what can be seen without computing scores. */
export function planWeights(sight: WeightSight, { leadBlocks }: Pick<WeightParams, "leadBlocks">): WeightPlan {
  const { own, uncertain, blockNumber, nextEpochBlock, hyperparameters } = sight;
  if (own === null) return refuse("this hotkey is not registered", nextEpochBlock);
  if (!own.hasValidatorPermit) return refuse("this hotkey has no validator permit", nextEpochBlock);
  const { lastUpdateBlock } = own;
  if (uncertain !== null && lastUpdateBlock > uncertain.lastUpdateBlock) {
    const found = { finding: "found-after-failure", committed: toCommit(uncertain, hyperparameters) } as const;
    const settled = [{ epochBlock: uncertain.epochBlock, includedAtBlock: lastUpdateBlock, ...found }];
    return { settled, decision: { kind: "found", blockNumber: lastUpdateBlock } };
  }
  const settled = [...settleLeft(sight, lastUpdateBlock), ...settleDropped(sight, lastUpdateBlock)];
  const timing = planWeightTiming({ blockNumber, nextEpochBlock, ...hyperparameters, lastUpdateBlock, leadBlocks });
  const isDue = timing.kind === "now" || (sight.isForced && timing.reason === "epoch-far");
  return { settled, decision: isDue ? { kind: "set", own } : { kind: "waiting", untilBlock: timing.untilBlock } };
}

function refuse(reason: string, untilBlock: number): WeightPlan {
  return { settled: [], decision: { kind: "skipped", reason, untilBlock } };
}

/** What an earlier process left half done: it ended between handing its weights over and writing down what became of them. */
function settleLeft({ left, hyperparameters, seenAtBlock }: WeightSight, lastUpdateBlock: number): readonly SettledWeights[] {
  const { tempoBlocks } = hyperparameters;
  return left.flatMap((record): readonly SettledWeights[] => {
    const { epochBlock } = record;
    const state = judgeLeftWeights({ epochBlock, tempoBlocks, blockNumber: seenAtBlock, lastUpdateBlock });
    if (state === "open") return [];
    return state === "set"
      ? [{ epochBlock, includedAtBlock: lastUpdateBlock, finding: "found-after-restart", committed: toCommit(record, hyperparameters) }]
      : [{ epochBlock, includedAtBlock: null, finding: "missing-after-restart", committed: null }];
  });
}

/**
 * What the chain is to open of weights whose call nobody heard an answer to. The block is the latest that it may be, whichever way the
 * chain's runtime counts epochs: to look too early would find the weights lost.
 */
function toCommit(
  { epochBlock, weights }: Pick<WeightSetRecord, "epochBlock" | "weights">,
  { isCommitRevealEnabled, revealPeriodEpochs, tempoBlocks }: WeightSight["hyperparameters"],
): SettledWeights["committed"] {
  if (!isCommitRevealEnabled) return null;
  return { revealBlock: epochBlock + (revealPeriodEpochs - 1) * (tempoBlocks + 1) + REVEAL_MARGIN_BLOCKS, weights };
}

/**
 * Weights that the chain took and then lost: the block they were in is no block of the chain any more, and our last update did not move.
 * They have failed, so that they are set again in the same epoch.
 */
function settleDropped({ last, nextEpochBlock, seenAtBlock }: WeightSight, lastUpdateBlock: number): readonly SettledWeights[] {
  if (last === null || last.epochBlock !== nextEpochBlock || last.includedAtBlock === null) return [];
  if (lastUpdateBlock >= last.includedAtBlock || seenAtBlock < last.includedAtBlock + SETTLED_BLOCKS) return [];
  return [{ epochBlock: nextEpochBlock, includedAtBlock: null, finding: "dropped", committed: null }];
}

/**
 * Which weights are set: those of the scores; after too long a silence the last good ones, without the uids that changed hands; else none.
 */
export function selectWeights(
  fresh: readonly WeightU16[],
  context: {
    readonly last: WeightSetRecord | null;
    readonly metagraph: Metagraph;
    readonly blockNumber: number;
    readonly lastUpdateBlock: number;
    readonly maxSilenceBlocks: number;
  },
): { readonly kind: "fresh" | "last-good" | "none"; readonly weights: readonly WeightU16[] } {
  const lastGood = context.last === null ? [] : reuseWeights(context.last, context.metagraph);
  const kind = planWeightFallback({ ...context, hasFreshWeights: fresh.length > 0, hasLastGoodWeights: lastGood.length > 0 });
  return { kind, weights: kind === "fresh" ? fresh : kind === "last-good" ? lastGood : [] };
}
