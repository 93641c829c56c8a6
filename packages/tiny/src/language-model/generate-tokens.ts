import { splitSeed } from "../seed.js";
import { invalidInput } from "../tiny-error.js";
import { assertTemperature, assertTokens, type Engine } from "./engine.js";
import { selectTopTokens } from "./select-top-tokens.js";

/** How to generate. */
export type GenerateOptions = {
  /** Fewer than the context holds. */
  readonly promptTokens: readonly number[];
  /** At least 1. The context may end the answer sooner. */
  readonly maxTokens: number;
  /** 0 takes the likeliest token each time. */
  readonly temperature: number;
  /** The same seed draws the same tokens, on every machine. */
  readonly seed: number;
  /** Likeliest tokens to report at each position, 0 to 20; 0 if left out. */
  readonly topLogprobs?: number;
  /** More tokens to end at, beside the model's own. */
  readonly stopTokens?: readonly number[];
};

/** A token with its probability. `logprob`: natural logarithm, of the model's own distribution (temperature 1). */
export type TokenLogprob = { readonly tokenId: number; readonly bytes: Uint8Array; readonly logprob: number };

/** One generated token. */
export type GeneratedToken = TokenLogprob & {
  /** The likeliest first. */
  readonly topLogprobs: readonly TokenLogprob[];
  /** True for the end token that closes the answer; it is no part of the text. */
  readonly isEnd: boolean;
};

/**
 * Chooses the next token in the place of the built-in sampler, for what that one does not do: truncation, penalties.
 *
 * @param logits - One for each token of the vocabulary. A copy, which may be changed.
 * @param position - Index in the whole sequence of the last token before the chosen one.
 */
export type PickToken = (logits: Float32Array, position: number) => number;

const MAX_TOP_LOGPROBS = 20;

/**
 * Generates tokens one by one. Options are checked at once, not at the first token.
 *
 * @throws {@link TinyError} `TINY_INVALID_INPUT` when an option is out of its bounds.
 */
export function generateTokens(engine: Engine, options: GenerateOptions, pickToken?: PickToken): Generator<GeneratedToken, void, void> {
  const { encoder } = engine;
  const { promptTokens, maxTokens, temperature, topLogprobs = 0, stopTokens = [] } = options;
  const { vocabularySize } = encoder.tokenizer;
  assertTokens(promptTokens, "prompt", vocabularySize);
  if (promptTokens.length >= encoder.contextTokens) {
    throw invalidInput("The prompt leaves no room for an answer.", {
      promptTokens: promptTokens.length,
      contextTokens: encoder.contextTokens,
    });
  }
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 1) throw invalidInput("maxTokens must be a whole number, at least 1.", { maxTokens });
  if (!Number.isInteger(topLogprobs) || topLogprobs < 0 || topLogprobs > MAX_TOP_LOGPROBS) {
    throw invalidInput(`topLogprobs must be a whole number from 0 to ${MAX_TOP_LOGPROBS}.`, { topLogprobs });
  }
  if (stopTokens.length > 0) assertTokens(stopTokens, "stop", vocabularySize);
  assertTemperature(temperature);
  return run(engine, {
    promptTokens: [...promptTokens],
    tokenCount: Math.min(maxTokens, encoder.contextTokens - promptTokens.length),
    temperature,
    seed: splitSeed(options.seed),
    pickToken,
    topLogprobs,
    endTokens: new Set([...encoder.endOfTextTokens, ...stopTokens]),
  });
}

type Run = {
  readonly promptTokens: readonly number[];
  readonly tokenCount: number;
  readonly temperature: number;
  readonly seed: ReturnType<typeof splitSeed>;
  readonly pickToken: PickToken | undefined;
  readonly topLogprobs: number;
  readonly endTokens: ReadonlySet<number>;
};

function* run({ transformer, kernels, arena, encoder }: Engine, options: Run): Generator<GeneratedToken, void, void> {
  const { tokenizer } = encoder;
  const cache = transformer.acquireCache();
  try {
    let next = options.promptTokens;
    const { low, high } = options.seed;
    const firstPosition = next.length - 1;
    for (let count = 0; count < options.tokenCount; count++) {
      transformer.forward(cache, next);
      // The logits lie in a buffer that all generators share: everything is taken from them before the caller gets its turn.
      const logits = transformer.logits(next.length - 1, 1);
      const values = arena.view(logits, tokenizer.vocabularySize);
      const logSumExp = kernels.logSumExp(logits, tokenizer.vocabularySize);
      const describe = (id: number) => ({ tokenId: id, bytes: tokenizer.tokenBytes(id), logprob: (values[id] ?? 0) - logSumExp });
      const topLogprobs = selectTopTokens(values, options.topLogprobs).map(describe);
      const tokenId =
        options.pickToken === undefined
          ? kernels.pickToken(logits, tokenizer.vocabularySize, options.temperature, low, high, firstPosition + count)
          : options.pickToken(values.slice(), firstPosition + count);
      const isEnd = options.endTokens.has(tokenId);
      yield { ...describe(tokenId), topLogprobs, isEnd };
      if (isEnd) return;
      next = [tokenId];
    }
  } finally {
    transformer.releaseCache(cache);
  }
}
