import type { AnswerEvidence } from "./answer-evidence.js";
import { claimModels, type EngineModels, marginModels, SURPRISE_TILT } from "./engine-models.js";

/** What an answer can speak for: one reading of it against an honest engine. */
export const suspicions = ["wrong draws", "other logits", "other logprobs", "colder draws", "hotter draws"] as const;

/** See {@link suspicions}. */
export type Suspicion = (typeof suspicions)[number];

/** Natural logarithms of how many times likelier the answer is under each suspicion than from an honest engine. */
export type Weights = Readonly<Partial<Record<Suspicion, number>>>;

/**
 * The most that one answer weighs, nats, either way. Half of what decides: no single answer does, however bad, because one answer can be bad
 * by an accident that repeats within it and not over answers.
 */
export const MOST_WEIGHT = 4.61;

/**
 * Share of a tilt's weight that counts. Long answers of a real model say so much of the temperature that honest ones come to the whole sum by
 * chance about once in ten thousand answers; at two thirds of the weight it is once in a million.
 */
const TILT_SHARE = 2 / 3;

function clip(weight: number): number {
  return Math.max(-MOST_WEIGHT, Math.min(MOST_WEIGHT, weight));
}

function logLikelihood(counts: readonly number[], logShares: readonly number[]): number {
  return counts.reduce((sum, count, bin) => sum + (count > 0 ? count * (logShares[bin] ?? 0) : 0), 0);
}

/** Against the honest engine that explains the counts best: engines differ in their noise, and none of them is at fault. */
function ratio(counts: readonly number[], models: EngineModels, suspected: readonly number[]): number {
  const honest = models.honest.reduce((most, shares) => Math.max(most, logLikelihood(counts, shares)), Number.NEGATIVE_INFINITY);
  return clip(logLikelihood(counts, suspected) - honest);
}

/** What one answer says for and against each suspicion. Counts that are no numbers of 0 or more are taken as 0. */
export function weighAnswer({ margins, claims, surprise }: AnswerEvidence): Weights {
  const clean = (counts: readonly number[]) => counts.map((count) => (Number.isFinite(count) && count > 0 ? count : 0));
  const weights: Partial<Record<Suspicion, number>> = { "other logprobs": ratio(clean(claims), claimModels, claimModels.otherLogits) };
  if (margins !== null) {
    const counts = clean(margins);
    weights["other logits"] = ratio(counts, marginModels, marginModels.otherLogits);
    weights["wrong draws"] = ratio(counts, marginModels, marginModels.wrongDraws);
  }
  if (surprise !== null && Number.isFinite(surprise.excessNats) && surprise.variance >= 0) {
    // Draws at another temperature tilt the distribution; this is the log-likelihood ratio of a tilt, to the second order.
    const tilt = (by: number) => TILT_SHARE * clip(by * surprise.excessNats - (by * by * surprise.variance) / 2);
    weights["colder draws"] = tilt(-SURPRISE_TILT);
    weights["hotter draws"] = tilt(SURPRISE_TILT);
  }
  return weights;
}
