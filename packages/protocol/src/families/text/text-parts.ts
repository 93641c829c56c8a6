import { z } from "zod";
import { protocolLimits } from "../../limits.js";
import type { Answer, FinishReason } from "../answer.js";
import { foldedSeed } from "../folded-seed.js";
import { samplingFields } from "./openai-fields.js";

/** Nothing ends at an empty text, which many clients send: some engines pass it over, others refuse the request. */
function withoutEmpty(stop: string | readonly string[]): string | readonly string[] | null {
  if (typeof stop === "string") return stop === "" ? null : stop;
  const named = stop.filter((text) => text !== "");
  return named.length === 0 ? null : named;
}

/** Fields that chat and completion requests share, as OpenAI names them. */
export const textRequestShape = {
  model: z.string().min(1).max(256),
  max_tokens: z.int().min(1).max(protocolLimits.outputTokens).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  seed: foldedSeed.nullish(),
  n: z.int().min(1).max(protocolLimits.answers).nullish(),
  stop: z
    .union([z.string().max(256), z.array(z.string().max(256)).max(protocolLimits.stopSequences)])
    .transform(withoutEmpty)
    .nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  user: z.string().max(512).nullish(),
  ...samplingFields,
};

/** Tokens that a text request may produce when neither it nor its task names a limit. */
export const DEFAULT_MAX_TOKENS = 256;

/** OpenAI's default. */
export const DEFAULT_TEMPERATURE = 1;

/** What every text request to a miner says about its stream. */
export const streamFields = { stream: true, stream_options: { include_usage: true } } as const;

/** OpenAI's finish reasons as ours; anything else is "unknown". An empty one is none: some servers send it with every event. */
export function toFinishReason(value: string | null | undefined): FinishReason | null {
  if (value === null || value === undefined || value === "") return null;
  if (value === "stop" || value === "length" || value === "content_filter" || value === "tool_calls") return value;
  return "unknown";
}

const encoder = new TextEncoder();

/** Bytes of a token given its text, for servers that send no `bytes`. Lossy text (U+FFFD) has no known bytes. */
export function bytesOfText(text: string): readonly number[] | null {
  return text.includes("\uFFFD") ? null : Array.from(encoder.encode(text));
}

/** Work units of a text answer: the claimed tokens, or a quarter of the characters where the server lists none. */
export function textWorkUnits(answer: Answer, maxTokens: number): number {
  if (answer.kind !== "text") return 0;
  const { tokens, text, otherTokens = 0 } = answer;
  return countTextUnits({ tokens: tokens.length, characters: [...text].length, otherTokens }, maxTokens);
}

/** Work units of text by what it is made of; `otherTokens` stand beside the text. */
export function countTextUnits(
  { tokens, characters, otherTokens }: { readonly tokens: number; readonly characters: number; readonly otherTokens: number },
  maxTokens: number,
): number {
  return Math.min(tokens > 0 ? tokens : Math.ceil(characters / 4) + otherTokens, maxTokens);
}

// A token with its text, bytes and log-probability takes some 80 bytes of JSON; the longest one that a vocabulary holds stays below this.
const MOST_BYTES_PER_TOKEN = 2_048;

/** The most bytes of JSON that an honest answer of so many tokens takes. */
export function mostTextAnswerBytes(maxTokens: number): number {
  return maxTokens * MOST_BYTES_PER_TOKEN;
}

// What a user may add to a request without changing its prompt: the rest is a matter of drawing, which the judge follows or allows for.
const plainFields: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "prompt",
  "max_tokens",
  "temperature",
  "seed",
  "stream",
  "stream_options",
  "logprobs",
  "top_logprobs",
  "top_p",
  "top_k",
  "min_p",
  "frequency_penalty",
  "presence_penalty",
  "repetition_penalty",
  "logit_bias",
  "min_tokens",
  "ignore_eos",
  "response_format",
  "continue_final_message",
  "add_generation_prompt",
  "stop",
  "n",
  "best_of",
  "echo",
  // Of no effect on an answer: what OpenAI keeps beside a request.
  "user",
  "metadata",
  "store",
  "service_tier",
  "safety_identifier",
  "prompt_cache_key",
]);

/** Whether a text request has only fields whose effect a reference follows, or that change nothing: not so `tools`. */
export function isPlainTextRequest(request: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(request).every(([name, value]) => value === null || plainFields.has(name));
}
