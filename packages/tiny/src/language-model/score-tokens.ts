import { invalidInput } from "../tiny-error.js";
import { assertTokens, type Engine } from "./engine.js";
import { selectTopTokens } from "./select-top-tokens.js";
import { LOGIT_ROWS } from "./transformer.js";

/** An answer to score. */
export type ScoreOptions = {
  readonly promptTokens: readonly number[];
  /** The answer, with the end token if it claims to have ended by itself. Prompt and answer together fit the context. */
  readonly outputTokens: readonly number[];
};

/** What the model thinks of one token of an answer. Natural logarithms, of the model's own distribution (temperature 1). */
export type TokenScore = {
  readonly tokenId: number;
  readonly logprob: number;
  /** Tokens that the model finds likelier; 0 is the best. */
  readonly rank: number;
  /** The 20 likeliest tokens, best first, and their log probabilities. */
  readonly bestIds: readonly number[];
  readonly bestLogprobs: readonly number[];
};

/** As many as a vLLM server lists unless told otherwise: what this model can show, any reference can. */
const BEST_TOKENS = 20;

/**
 * Scores an answer in one pass over prompt and answer.
 *
 * @returns One score for each output token.
 * @throws {@link TinyError} `TINY_INVALID_INPUT` when an option is out of its bounds.
 */
export function scoreTokens({ transformer, kernels, arena, encoder }: Engine, options: ScoreOptions): TokenScore[] {
  const { promptTokens, outputTokens } = options;
  const { vocabularySize } = encoder.tokenizer;
  assertTokens(promptTokens, "prompt", vocabularySize);
  assertTokens(outputTokens, "output", vocabularySize);
  const tokenCount = promptTokens.length + outputTokens.length;
  if (tokenCount > encoder.contextTokens) {
    throw invalidInput("Prompt and answer are longer than the model's context.", { tokenCount, contextTokens: encoder.contextTokens });
  }

  const cache = transformer.acquireCache();
  try {
    transformer.forward(cache, [...promptTokens, ...outputTokens.slice(0, -1)]);
  } finally {
    transformer.releaseCache(cache);
  }

  const scores: TokenScore[] = [];
  for (let first = 0; first < outputTokens.length; first += LOGIT_ROWS) {
    const chunk = outputTokens.slice(first, first + LOGIT_ROWS);
    const logits = transformer.logits(promptTokens.length - 1 + first, chunk.length);
    chunk.forEach((tokenId, row) => {
      const pointer = logits + row * vocabularySize * 4;
      const values = arena.view(pointer, vocabularySize);
      const logSumExp = kernels.logSumExp(pointer, vocabularySize);
      const logprobOf = (id: number) => (values[id] ?? 0) - logSumExp;
      const bestIds = selectTopTokens(values, BEST_TOKENS);
      scores.push({
        tokenId,
        logprob: logprobOf(tokenId),
        rank: rankOf(values, tokenId),
        bestIds,
        bestLogprobs: bestIds.map(logprobOf),
      });
    });
  }
  return scores;
}

function rankOf(logits: Float32Array, token: number): number {
  const own = logits[token] ?? 0;
  let rank = 0;
  for (let i = 0; i < logits.length; i++) if ((logits[i] ?? 0) > own) rank++;
  return rank;
}
