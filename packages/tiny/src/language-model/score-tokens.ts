import { foldSeed } from "../seed.js";
import { invalidInput } from "../tiny-error.js";
import { assertTemperature, assertTokens, type Engine } from "./engine.js";
import { LOGIT_ROWS } from "./transformer.js";

/** An answer to score, and how it claims to have been drawn. */
export type ScoreOptions = {
  readonly promptTokens: readonly number[];
  /** The answer, with the end token if it claims to have ended by itself. Prompt and answer together fit the context. */
  readonly outputTokens: readonly number[];
  readonly temperature: number;
  readonly seed: number;
};

/** What the model thinks of one token of an answer. Logarithms are natural, of the model's own distribution (temperature 1). */
export type TokenScore = {
  readonly logprob: number;
  /** Tokens that the model finds likelier; 0 is the best. */
  readonly rank: number;
  /** Best logit less this token's logit; 0 for the best. The test that catches other models, see the README. */
  readonly marginNats: number;
  /** True when this is the token that the seeded draw at this temperature gives here. */
  readonly isSampledChoice: boolean;
  /** Log probability that the answer had ended here instead: of the likeliest end token. */
  readonly endLogprob: number;
};

/**
 * Scores an answer in one pass over prompt and answer.
 *
 * @returns One score for each output token.
 * @throws {@link TinyError} `TINY_INVALID_INPUT` when an option is out of its bounds.
 */
export function scoreTokens({ transformer, kernels, arena, encoder }: Engine, options: ScoreOptions): TokenScore[] {
  const { promptTokens, outputTokens, temperature } = options;
  const { vocabularySize } = encoder.tokenizer;
  assertTokens(promptTokens, "prompt", vocabularySize);
  assertTokens(outputTokens, "output", vocabularySize);
  assertTemperature(temperature);
  const seed = foldSeed(options.seed);
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
    chunk.forEach((token, row) => {
      const pointer = logits + row * vocabularySize * 4;
      const values = arena.view(pointer, vocabularySize);
      const logSumExp = kernels.logSumExp(pointer, vocabularySize);
      const picked = kernels.pickToken(pointer, vocabularySize, temperature, seed, first + row);
      const endLogits = encoder.endOfTextTokens.map((id) => values[id] ?? Number.NEGATIVE_INFINITY);
      scores.push({
        logprob: (values[token] ?? 0) - logSumExp,
        ...compareWithBest(values, token),
        isSampledChoice: picked === token,
        endLogprob: Math.max(...endLogits) - logSumExp,
      });
    });
  }
  return scores;
}

function compareWithBest(logits: Float32Array, token: number): { readonly rank: number; readonly marginNats: number } {
  const own = logits[token] ?? 0;
  let best = own;
  let rank = 0;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i] ?? 0;
    if (logit > own) rank++;
    if (logit > best) best = logit;
  }
  return { rank, marginNats: best - own };
}
