import type { Metagraph, WeightU16 } from "@vision/chain";
import { toWeightsU16 } from "@vision/chain";
import type { EpochReport } from "@vision/scoring";
import type { WeightSetRecord } from "./records/index.js";

/** The smallest weight a chain holds: a share of at most 1.5e-5. */
const PADDING_WEIGHT_U16 = 1;

/**
 * Weights of a report as the chain takes them, for the uids that its hotkeys have now. Empty when there is nothing to say: no miner of
 * the subnet has a score.
 *
 * A subnet may demand a number of weights; neurons without a score then get the smallest weight there is: first those of which nothing is
 * known, then those that merely failed to answer, and last those whose checked answers were wrong; lowest uid first.
 */
export function prepareWeights(
  report: EpochReport,
  metagraph: Metagraph,
  options: { readonly minAllowedWeights: number; readonly ownHotkey: string },
): readonly WeightU16[] {
  const weightOf = new Map(report.miners.map(({ hotkey, weight }) => [hotkey, weight]));
  const others = metagraph.neurons.filter(({ hotkey }) => hotkey !== options.ownHotkey);
  const fractions = new Map(others.map(({ uid, hotkey }) => [uid, weightOf.get(hotkey) ?? 0]));
  const weights = toWeightsU16(fractions);
  if (weights.length === 0) return [];
  const suspicion = new Map(report.miners.map((miner) => [miner.hotkey, suspicionOf(miner)]));
  const rankOf = (hotkey: string) => suspicion.get(hotkey) ?? 0;
  const byRank = [...others].sort((a, b) => rankOf(a.hotkey) - rankOf(b.hotkey) || a.uid - b.uid);
  return padWeights(
    weights,
    byRank.map(({ uid }) => uid),
    options.minAllowedWeights,
  );
}

/** 1 for a miner on record, 2 for one that had an answer checked and not one of them good enough to count at some task. */
function suspicionOf({ tasks }: EpochReport["miners"][number]): 1 | 2 {
  return tasks.some(({ sampleCount, quality }) => sampleCount > 0 && quality === 0) ? 2 : 1;
}

function padWeights(weights: readonly WeightU16[], uids: readonly number[], minAllowedWeights: number): readonly WeightU16[] {
  const missing = Math.max(0, minAllowedWeights - weights.length);
  if (missing === 0) return weights;
  const taken = new Set(weights.map(({ uid }) => uid));
  const padding = uids.filter((uid) => !taken.has(uid)).slice(0, missing);
  return [...weights, ...padding.map((uid) => ({ uid, weightU16: PADDING_WEIGHT_U16 }))].sort((a, b) => a.uid - b.uid);
}

/**
 * The last good weights as far as they still mean the same: a uid that was given to another hotkey since is left out.
 */
export function reuseWeights(last: WeightSetRecord, metagraph: Metagraph): readonly WeightU16[] {
  const setAtBlock = last.includedAtBlock ?? last.epochBlock;
  const unchanged = new Set(metagraph.neurons.filter(({ registeredAtBlock }) => registeredAtBlock <= setAtBlock).map(({ uid }) => uid));
  return last.weights.filter(({ uid }) => unchanged.has(uid)).map(({ uid, weightU16 }) => ({ uid, weightU16 }));
}
