import type { EpochReport } from "../report.js";

/** The overall scores as fractions of their sum; all 0 if that is 0. */
export function normaliseScores(scores: readonly number[]): readonly number[] {
  let sum = 0;
  for (const score of scores) sum += score;
  return scores.map((score) => (sum > 0 ? score / sum : 0));
}

/**
 * What is to be set on chain, by hotkey: fractions that sum to 1. Miners that earn nothing are in it with 0.
 *
 * An empty map, or one of zeros, means that nobody earned anything: then no weights should be set.
 */
export function toWeightFractions(report: EpochReport): ReadonlyMap<string, number> {
  return new Map(report.miners.map((miner) => [miner.hotkey, miner.weight]));
}
