/** A token and its logprob, as alternatives are listed. */
export type TokenLogprob = {
  /** The token's id in the model's vocabulary, where the engine tells it: a validator then need not guess it from bytes. */
  readonly id?: number;
  /** The token's own bytes; `null` where the engine cannot tell them. */
  readonly bytes: Uint8Array | null;
  /** The token as text; lossy when its bytes are a part of a character. */
  readonly text: string;
  /** Natural logarithm of the probability at temperature 1, over the whole vocabulary. At most 0. */
  readonly logprob: number;
};

/** One token that an engine in this process has generated. */
export type GeneratedToken = TokenLogprob & {
  /** The most likely tokens at this position, most likely first; empty when not asked for. */
  readonly topLogprobs: readonly TokenLogprob[];
  /** True for a token that ends the answer. It is not part of the text (no bytes, and `text` is its name), but it was chosen, so it is reported. */
  readonly isEnd: boolean;
};

/** The smallest logprob that is sent; JSON has no infinity. */
const LOWEST_LOGPROB = -9999;

/** The logprob as it travels: finite, and never above 0 by a rounding error. */
export function wireLogprob(logprob: number): number {
  return Math.min(0, Math.max(LOWEST_LOGPROB, Number.isNaN(logprob) ? LOWEST_LOGPROB : logprob));
}
