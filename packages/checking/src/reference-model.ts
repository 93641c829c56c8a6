import type { ClaimedToken, ScoredPosition } from "@vision/protocol";

/** A prompt before its model has read it. */
export type ReferencePrompt =
  | {
      readonly kind: "chat";
      readonly messages: readonly { readonly role: string; readonly content: string }[];
      /** The last message is the beginning of the answer. */
      readonly isContinued: boolean;
    }
  | { readonly kind: "text"; readonly text: string };

/** What a model says of itself. */
export type ModelFacts = {
  /** Tokens that prompt and answer may have together. */
  readonly contextTokens: number;
  /** Tokens that end an answer. */
  readonly endTokens: readonly number[];
};

/** What the model cannot do with this request or answer, whoever asks. `reason` is fit for a verdict. */
export type Unusable = { readonly kind: "unusable"; readonly reason: string };

/** What a model is to go on from, and how. */
export type Writing = {
  /** Ids of the vocabulary; holds at least one, and together with `maxTokens` at most the context. */
  readonly promptTokens: readonly number[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
};

/** What a model wrote; `isEnded` where it came to an end by itself. */
export type WrittenText = { readonly kind: "written"; readonly text: string; readonly isEnded: boolean };

/**
 * One model that answers are checked against: what its tokenizer says, and what it thinks of given tokens. All that is judged of it is
 * judged elsewhere, so that every kind of reference judges alike.
 *
 * A call rejects where the reference itself fails: then nothing is known of the answer. It stops where its signal aborts.
 */
export type ReferenceModel = {
  facts(signal: AbortSignal): Promise<ModelFacts>;
  /** The prompt as the model reads it, chat template and beginning token included. */
  readPrompt(
    prompt: ReferencePrompt,
    signal: AbortSignal,
  ): Promise<{ readonly kind: "read"; readonly tokens: readonly number[] } | Unusable>;
  /** Text as it stands inside an answer: nothing is put before it, and names of special tokens are text. */
  encode(text: string, signal: AbortSignal): Promise<readonly number[]>;
  /** What the tokens of an answer say; U+FFFD for bytes that are no character. Shape: ids of the vocabulary, any number. */
  decode(tokenIds: readonly number[], signal: AbortSignal): Promise<string>;
  /** What claimed tokens are in the vocabulary, in order: by id, else by bytes, else by name; null for one that is not in it. */
  idsOf(tokens: readonly ClaimedToken[], signal: AbortSignal): Promise<readonly (number | null)[]>;
  /**
   * What the model thinks of each output token, in one pass. `rank` may be a lower bound beyond the listed best.
   *
   * @param answer - Ids of the vocabulary; together at most the context. Both hold at least one.
   */
  score(
    answer: { readonly promptTokens: readonly number[]; readonly outputTokens: readonly number[] },
    signal: AbortSignal,
  ): Promise<{ readonly kind: "scored"; readonly positions: readonly ScoredPosition[] } | Unusable>;
  /** Goes on from a prompt by itself, without the end token's text. Draws as its engine does: nothing is judged by it. */
  write(writing: Writing, signal: AbortSignal): Promise<WrittenText | Unusable>;
  close(): Promise<void>;
};
