import { type Candidates, createLogitShift, drawToken } from "@vision/protocol";
import type { TextSampling } from "../request-defaults.js";

/** Draws the tokens of one answer, in order, by `gumbel-murmur3`. */
export type TokenSampler = {
  /**
   * The next token.
   *
   * @param position - Index in the whole sequence of the last token before it: tokens of the prompt - 1 for the first of the answer.
   * @param candidates - Tokens with their raw logits, in any order: the whole vocabulary, or all that have a chance.
   */
  draw(position: number, candidates: Iterable<readonly [tokenId: number, logit: number]>): number;
};

function sortBest(candidates: readonly { readonly tokenId: number; readonly logit: number }[]): Candidates {
  const sorted = [...candidates].sort((a, b) => b.logit - a.logit || a.tokenId - b.tokenId);
  return { tokenIds: sorted.map(({ tokenId }) => tokenId), logits: sorted.map(({ logit }) => logit) };
}

/**
 * A sampler for one answer: penalties, bias, temperature, min-p, top-k, top-p and noise as vLLM 0.32 has them, so that a validator finds
 * the same tokens.
 */
export function createTokenSampler(sampling: TextSampling, promptTokens: readonly number[]): TokenSampler {
  const { rules, seed } = sampling;
  const shift = createLogitShift("gumbel-murmur3", rules, promptTokens);
  const seen = rules.repetitionPenalty === 1 ? null : new Set(promptTokens);
  const penalise = (tokenId: number, logit: number) => {
    if (seen === null || !seen.has(tokenId)) return logit;
    return logit > 0 ? logit / rules.repetitionPenalty : logit * rules.repetitionPenalty;
  };
  return {
    draw(position, candidates) {
      const shifted = Array.from(candidates, ([tokenId, logit]) => ({ tokenId, logit: penalise(tokenId, logit) + shift.of(tokenId) }));
      const tokenId = drawToken(sortBest(shifted), { rules, seed, position });
      shift.advance(tokenId);
      seen?.add(tokenId);
      return tokenId;
    },
  };
}

/** Whether a request asks for nothing but a temperature, so that the plain draw over all logits will do. */
export function isPlainDraw({ rules }: TextSampling): boolean {
  const { topP, topK, minP, frequencyPenalty, presencePenalty, repetitionPenalty, logitBias } = rules;
  const isWhole = (topP ?? 1) === 1 && (topK ?? 0) <= 0 && (minP ?? 0) === 0;
  return isWhole && frequencyPenalty === 0 && presencePenalty === 0 && repetitionPenalty === 1 && logitBias.size === 0;
}
