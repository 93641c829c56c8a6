import type { SamplerName } from "./samplers.js";
import type { SamplingRules } from "./sampling-rules.js";

/** Tokens that llama.cpp's penalties look back at, of prompt and answer. */
const LLAMA_WINDOW = 64;

/** What is added to the logit of a token for what the request asks. */
export type LogitShift = {
  /** Nats to add to the logit of the token at the next position. */
  of(tokenId: number): number;
  /** Moves on by one token of the answer. */
  advance(tokenId: number): void;
};

/**
 * Frequency and presence penalties and the logit bias of a request. vLLM and SGLang count the tokens of the answer, llama.cpp the last 64
 * of prompt and answer.
 *
 * The repetition penalty is not among them: it multiplies logits, and log-probabilities do not tell their sign.
 */
export function createLogitShift(
  sampler: SamplerName,
  { frequencyPenalty, presencePenalty, logitBias }: SamplingRules,
  promptTokens: readonly number[],
): LogitShift {
  const counts = new Map<number, number>();
  const seen = sampler === "llama.cpp" ? promptTokens.slice(-LLAMA_WINDOW) : [];
  const add = (tokenId: number, by: number) => counts.set(tokenId, (counts.get(tokenId) ?? 0) + by);
  for (const tokenId of seen) add(tokenId, 1);
  return {
    of(tokenId) {
      const count = counts.get(tokenId) ?? 0;
      return (logitBias.get(tokenId) ?? 0) - (count > 0 ? count * frequencyPenalty + presencePenalty : 0);
    },
    advance(tokenId) {
      add(tokenId, 1);
      if (sampler !== "llama.cpp") return;
      seen.push(tokenId);
      if (seen.length > LLAMA_WINDOW) add(seen.shift() ?? 0, -1);
    },
  };
}
