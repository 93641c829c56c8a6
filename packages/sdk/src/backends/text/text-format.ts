import type { FamilyName } from "@vision/protocol";
import type { BackendCall } from "../inference-backend.js";
import { type GeneratedToken, type TokenLogprob, wireLogprob } from "./generated-token.js";

/** How a text family writes its answers, in OpenAI's shapes. */
export type TextFormat = {
  /** Beginning of the answer's id. */
  readonly idPrefix: string;
  readonly streamObject: string;
  readonly bodyObject: string;
  /** The choice of the event that opens a stream; null when a stream opens with its first text. */
  openingChoice(): Readonly<Record<string, unknown>> | null;
  /** The choice of an event: new text (may be empty) and the tokens behind it. */
  deltaChoice(part: TextPart): Readonly<Record<string, unknown>>;
  /** The choice of a whole body. */
  wholeChoice(part: TextPart): Readonly<Record<string, unknown>>;
};

/** Text, the tokens it came from (null: no logprobs wanted) and, at the end, why it ended. */
export type TextPart = {
  readonly text: string;
  readonly tokens: readonly GeneratedToken[] | null;
  readonly finishReason: "stop" | "length" | null;
};

function chatEntry(token: TokenLogprob) {
  const id = token.id === undefined ? {} : { id: token.id };
  return { ...id, token: token.text, logprob: wireLogprob(token.logprob), bytes: token.bytes === null ? null : [...token.bytes] };
}

function chatLogprobs(tokens: readonly GeneratedToken[] | null) {
  if (tokens === null || tokens.length === 0) return null;
  return { content: tokens.map((token) => ({ ...chatEntry(token), top_logprobs: token.topLogprobs.map(chatEntry) })) };
}

/** `chat.completion` and its chunks: the first delta carries the role, the last one is empty and carries the finish reason. */
export const chatFormat: TextFormat = {
  idPrefix: "chatcmpl-",
  streamObject: "chat.completion.chunk",
  bodyObject: "chat.completion",
  openingChoice: () => ({ index: 0, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null }),
  deltaChoice: ({ text, tokens, finishReason }) => ({
    index: 0,
    delta: text === "" && finishReason !== null ? {} : { content: text },
    logprobs: chatLogprobs(tokens),
    finish_reason: finishReason,
  }),
  wholeChoice: ({ text, tokens, finishReason }) => ({
    index: 0,
    message: { role: "assistant", content: text, refusal: null },
    logprobs: chatLogprobs(tokens),
    finish_reason: finishReason,
  }),
};

function completionLogprobs(tokens: readonly GeneratedToken[] | null) {
  if (tokens === null || tokens.length === 0) return null;
  return {
    tokens: tokens.map((token) => token.text),
    token_logprobs: tokens.map((token) => wireLogprob(token.logprob)),
    top_logprobs: tokens.map((token) => Object.fromEntries(token.topLogprobs.map((top) => [top.text, wireLogprob(top.logprob)]))),
    ...(tokens.every((token) => token.bytes !== null) ? { token_bytes: tokens.map((token) => [...(token.bytes ?? [])]) } : {}),
  };
}

function completionChoice({ text, tokens, finishReason }: TextPart) {
  const ids = tokens?.map(({ id }) => id) ?? [];
  const listed = ids.length > 0 && !ids.includes(undefined) ? { token_ids: ids } : {};
  return { index: 0, text, logprobs: completionLogprobs(tokens), finish_reason: finishReason, ...listed };
}

/** `text_completion`, the same object for a stream's events and for a whole body. */
export const completionFormat: TextFormat = {
  idPrefix: "cmpl-",
  streamObject: "text_completion",
  bodyObject: "text_completion",
  openingChoice: () => null,
  deltaChoice: completionChoice,
  wholeChoice: completionChoice,
};

/** The format of each family that answers with text. */
export const textFormats = { "chat-completions": chatFormat, completions: completionFormat } as const satisfies Partial<
  Record<FamilyName, TextFormat>
>;

/** A family that answers with text. */
export type TextFamilyName = keyof typeof textFormats;

/** A call of a family that answers with text. */
export type TextCall = BackendCall<TextFamilyName>;

/** Whether answers of the family are text. */
export function isTextFamily(name: FamilyName): name is TextFamilyName {
  return Object.hasOwn(textFormats, name);
}

/** Whether the call is to be answered with text. */
export function isTextCall(call: BackendCall): call is TextCall {
  return isTextFamily(call.familyName);
}
