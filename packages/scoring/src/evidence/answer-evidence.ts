import type { Surprise } from "@vision/protocol";

/**
 * Upper edges of the bins that distances are counted in, in units of what honest engines of a task differ by (`honestNoiseNats`). The last
 * bin has none.
 */
export const BIN_EDGES = [0.1, 0.3, 1, 3, 10, 30, 100] as const;

/** Of the mean difference of claimed logprobs that a task allows: far below it lies what honest engines differ by. */
const NOISE_FRACTION = 0.1;

/** What two honest engines of a task differ by in a logit, nats: the scale that all distances are measured on. */
export function honestNoiseNats(check: { readonly maxLogprobDifference: number }): number {
  return Math.max(check.maxLogprobDifference * NOISE_FRACTION, 1e-6);
}

/** What one checked answer tells of the engine behind it: enough to weigh it again from what is stored. */
export type AnswerEvidence = {
  /** True at temperature 0. */
  readonly isGreedy: boolean;
  /** Tokens, the end token included, by how far they lie behind the draw; null where draws cannot be repeated. Shape: `BIN_EDGES` + 1. */
  readonly margins: readonly number[] | null;
  /** Tokens by how far their claimed logprobs are from the reference's. Shape: `BIN_EDGES` + 1. */
  readonly claims: readonly number[];
  /** How surprising the tokens were, where draws cannot be repeated and the distribution is known. */
  readonly surprise: Pick<Surprise, "excessNats" | "variance"> | null;
};

/** Distances counted by bin. */
export function countBins(distancesNats: readonly number[], noiseNats: number): readonly number[] {
  const counts = new Array<number>(BIN_EDGES.length + 1).fill(0);
  for (const distance of distancesNats) {
    const ratio = distance / noiseNats;
    const at = BIN_EDGES.findIndex((edge) => ratio <= edge);
    const bin = at === -1 ? BIN_EDGES.length : at;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}
