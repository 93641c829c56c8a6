import { BackendError } from "../inference-backend.js";
import type { TokenSampler } from "../text/token-sampler.js";
import type { EvaluateOutput } from "./node-llama-cpp.js";

/** A chosen token with its logprob at temperature 1 over the whole vocabulary, and the best alternatives. */
export type ChosenToken = {
  readonly token: number;
  readonly logprob: number;
  readonly top: readonly { readonly token: number; readonly logprob: number }[];
};

/**
 * Chooses the next token from llama.cpp's raw logits, as the request's sampler draws it: the seed draws the same token again for anybody.
 *
 * @param output - Evaluated at temperature 0, so that `logits` are raw and `totalLogitWeight` is the sum of exp(logit - max).
 * @param options - `position`: index in the whole sequence of the last token before the chosen one.
 * @throws BackendError `failed` when llama.cpp returned no logits.
 */
export function chooseToken(
  output: EvaluateOutput | undefined,
  options: { readonly sampler: TokenSampler; readonly position: number; readonly topLogprobs: number },
): ChosenToken {
  const best = output?.next.token;
  const logits = output?.next.logits;
  const weight = output?.next.totalLogitWeight;
  const bestLogit = best === undefined || best === null ? undefined : logits?.get(best);
  if (best === undefined || best === null || logits === undefined || weight === undefined || bestLogit === undefined) {
    throw new BackendError({ code: "failed", message: "llama.cpp returned no logits." });
  }
  const logNormaliser = bestLogit + Math.log(weight);
  const chosen = options.sampler.draw(options.position, logits);
  const ranked = options.topLogprobs > 0 ? [...logits].sort((a, b) => b[1] - a[1]).slice(0, options.topLogprobs) : [];
  return {
    token: chosen,
    logprob: (logits.get(chosen) ?? bestLogit) - logNormaliser,
    top: ranked.map(([token, logit]) => ({ token, logprob: logit - logNormaliser })),
  };
}
