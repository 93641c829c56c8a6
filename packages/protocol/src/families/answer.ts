/** One token that a miner claims to have produced, as far as it can be checked. */
export type ClaimedToken = {
  /** The token's id in the model's vocabulary, where the engine tells it. */
  readonly id?: number;
  /** The token's own bytes; `null` when the miner sent none. */
  readonly bytes: readonly number[] | null;
  readonly text: string;
  /** Natural logarithm of the probability that the miner's model gave the token; `null` when the miner sent none. */
  readonly logprob: number | null;
};

/** Why an answer ended. */
export type FinishReason = "stop" | "length" | "content_filter" | "tool_calls" | "unknown";

/** A piece of a tool call. The index is ours: calls are told apart here, however a server numbers them. */
export type ToolCallPart = {
  /** Which call of the answer, from 0. */
  readonly index: number;
  /** True for the first piece of a call. */
  readonly isNew: boolean;
  readonly id: string | null;
  readonly name: string | null;
  readonly arguments: string;
};

/** What one event or body adds to an answer. Fields that are none of these are dropped and reach nobody. */
export type AnswerPart =
  /** Text of the answer; may be empty where an event only opens or ends one. */
  | { readonly kind: "text"; readonly text: string }
  /** Tokens that are claimed, in order, with the alternatives of each where the request asks for some. */
  | {
      readonly kind: "tokens";
      readonly tokens: readonly ClaimedToken[];
      readonly alternatives: readonly (readonly ClaimedToken[])[] | null;
    }
  | { readonly kind: "toolCalls"; readonly calls: readonly ToolCallPart[] }
  | { readonly kind: "reasoning"; readonly text: string }
  | { readonly kind: "refusal"; readonly text: string }
  /** As the miner counts: advice, never a reason to refuse an answer. */
  | { readonly kind: "usage"; readonly promptTokens: number }
  /** Ids of the prompt, as the miner's server read it. */
  | { readonly kind: "prompt"; readonly tokenIds: readonly number[] }
  | { readonly kind: "finishReason"; readonly reason: FinishReason }
  /** Encoded images in base64. */
  | { readonly kind: "images"; readonly imagesBase64: readonly string[] }
  /** Vectors as base64 of 32-bit floats, in the order of the inputs. */
  | { readonly kind: "vectors"; readonly vectorsBase64: readonly string[] };

/**
 * An answer as everything after the wire sees it, the same for a stream and for a single body.
 *
 * `text` answers carry the claimed tokens in order; `images` answers carry the encoded bytes in base64,
 * `vectors` one vector for each input as base64 of little-endian 32-bit floats.
 */
export type Answer =
  | {
      readonly kind: "text";
      readonly text: string;
      readonly tokens: readonly ClaimedToken[];
      readonly finishReason: FinishReason;
      /** Ids of the prompt as the engine read it, where it tells them. */
      readonly promptTokenIds?: readonly number[];
      /** Tokens beside the text (thoughts, refusals, tool calls), by their length; only where the miner lists no tokens. */
      readonly otherTokens?: number;
    }
  | { readonly kind: "images"; readonly imagesBase64: readonly string[] }
  | { readonly kind: "vectors"; readonly vectorsBase64: readonly string[] };
