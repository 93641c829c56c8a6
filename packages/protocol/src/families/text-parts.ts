import { z } from "zod";
import { protocolLimits } from "../limits.js";
import type { ClaimedToken, FinishReason } from "./family.js";
import { samplingFields } from "./openai-fields.js";

/** Fields that chat and completion requests share, as OpenAI names them. */
export const textRequestShape = {
  model: z.string().min(1).max(256),
  max_tokens: z.int().min(1).max(protocolLimits.outputTokens).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  seed: z.int().min(0).max(protocolLimits.seed).nullish(),
  n: z.literal(1, { error: "only n = 1 is supported" }).nullish(),
  stop: z.union([z.string().max(256), z.array(z.string().max(256)).max(protocolLimits.stopSequences)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  user: z.string().max(512).nullish(),
  ...samplingFields,
};

/** Tokens that a text request may produce when it names no limit. */
export const DEFAULT_MAX_TOKENS = 256;

/** A logprob: finite and at most a rounding error above 0. JSON has no infinity, so servers send a large negative number. */
export const logprobSchema = z.number().max(0.001);

/** Token counts as a server reports them. */
export const usageSchema = z.looseObject({
  prompt_tokens: z.int().min(0),
  completion_tokens: z.int().min(0),
  total_tokens: z.int().min(0),
});

/** OpenAI's finish reasons as ours; anything else is "unknown". */
export function toFinishReason(value: string | null | undefined): FinishReason | null {
  if (value === null || value === undefined) return null;
  if (value === "stop" || value === "length" || value === "content_filter" || value === "tool_calls") return value;
  return "unknown";
}

/** Bytes of a token given its text, for servers that send no `bytes`. Lossy text (U+FFFD) has no known bytes. */
export function bytesOfText(text: string): readonly number[] | null {
  return text.includes("\uFFFD") ? null : [...new TextEncoder().encode(text)];
}

/** Tokens that a text answer is counted as: the claimed tokens, or a quarter of the characters where the server sent none. */
export function countTokens(tokens: readonly ClaimedToken[], text: string): number {
  return tokens.length > 0 ? tokens.length : Math.ceil([...text].length / 4);
}
