import type { Engine } from "./engine.js";

/** A text's place in a model's space. */
export type Embedding = {
  /** Of length 1. Shape: one number for each channel of the model. */
  readonly vector: Float32Array;
  /** Tokens that the model read. */
  readonly tokenCount: number;
};

/**
 * Embeds a text: the mean of what the last layer makes of its tokens, scaled to length 1. The text is read as a user's message, which is what
 * the model was trained to tell apart: read bare, fewer of its neighbours are of its kind.
 *
 * The mean is taken in doubles, in order, so that the same text gives the same bits everywhere.
 *
 * @throws {@link TinyError} `TINY_INVALID_INPUT` when it does not fit the context.
 */
export function embedText({ transformer, encoder }: Engine, text: string): Embedding {
  const tokens = encoder.chatPrompt([{ role: "user", content: text }]);
  const cache = transformer.acquireCache();
  try {
    transformer.forward(cache, tokens);
  } finally {
    transformer.releaseCache(cache);
  }
  const { width } = transformer;
  const states = transformer.states(tokens.length);
  const sums = new Float64Array(width);
  for (let at = 0; at < states.length; at += 1) sums[at % width] = (sums[at % width] ?? 0) + (states[at] ?? 0);
  let squares = 0;
  for (const sum of sums) squares += sum * sum;
  const length = Math.sqrt(squares);
  return { vector: Float32Array.from(sums, (sum) => sum / length), tokenCount: tokens.length };
}
