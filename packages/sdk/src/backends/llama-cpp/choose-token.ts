import { BackendError } from "../inference-backend.js";
import type { EvaluateOutput } from "./node-llama-cpp.js";
import { samplingNoise } from "./sampling-noise.js";

/** A chosen token with its logprob at temperature 1 over the whole vocabulary, and the best alternatives. */
export type ChosenToken = {
  readonly token: number;
  readonly logprob: number;
  readonly top: readonly { readonly token: number; readonly logprob: number }[];
};

/**
 * Chooses the next token from llama.cpp's raw logits: the best at temperature 0, else by Gumbel-max with seeded noise, which samples from
 * softmax(logits / temperature) and lets anybody with the seed repeat the choice.
 *
 * @param output - Evaluated at temperature 0, so that `logits` are raw and `totalLogitWeight` is the sum of exp(logit - max).
 * @throws BackendError `failed` when llama.cpp returned no logits.
 */
export function chooseToken(
  output: EvaluateOutput | undefined,
  options: {
    readonly temperature: number;
    readonly seed: number;
    readonly position: number;
    readonly topLogprobs: number;
  },
): ChosenToken {
  const best = output?.next.token;
  const logits = output?.next.logits;
  const weight = output?.next.totalLogitWeight;
  const bestLogit = best === undefined || best === null ? undefined : logits?.get(best);
  if (best === undefined || best === null || logits === undefined || weight === undefined || bestLogit === undefined) {
    throw new BackendError({ code: "failed", message: "llama.cpp returned no logits." });
  }
  const logNormaliser = bestLogit + Math.log(weight);
  const chosen = options.temperature > 0 ? gumbelMax(logits, options) : best;
  const ranked = options.topLogprobs > 0 ? [...logits].sort((a, b) => b[1] - a[1]).slice(0, options.topLogprobs) : [];
  return {
    token: chosen,
    logprob: (logits.get(chosen) ?? bestLogit) - logNormaliser,
    top: ranked.map(([token, logit]) => ({ token, logprob: logit - logNormaliser })),
  };
}

function gumbelMax(
  logits: ReadonlyMap<number, number>,
  { temperature, seed, position }: { readonly temperature: number; readonly seed: number; readonly position: number },
): number {
  let chosen = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (const [token, logit] of logits) {
    const value = logit / temperature - Math.log(-Math.log(samplingNoise(seed, position, token)));
    if (value > highest || (value === highest && token < chosen)) {
      highest = value;
      chosen = token;
    }
  }
  return chosen;
}
