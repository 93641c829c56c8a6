import { invalidInput, invalidModel } from "./tiny-error.js";
import type { Tokenizer } from "./tokenizer/tokenizer.js";

/** One message of a conversation. */
export type ChatMessage = { readonly role: string; readonly content: string };

/** Longest prompt there may be, with the tokenizer it is counted in. */
export type PromptLimits = { readonly tokenizer: Tokenizer; readonly contextTokens: number };

const ROLE = /^[a-z_]{1,32}$/;

/** Refuses a text that cannot fit, before any time is spent on encoding it. */
function assertCanFit(texts: readonly string[], { tokenizer, contextTokens }: PromptLimits): void {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > contextTokens * tokenizer.longestTokenBytes) {
    throw invalidInput(`The prompt is longer than the model's context of ${contextTokens} tokens. Shorten it.`, { bytes, contextTokens });
  }
}

/** Refuses a prompt that leaves no room for an answer of one token. Nothing is ever cut off silently. */
function assertFits(promptTokens: readonly number[], contextTokens: number): void {
  if (promptTokens.length >= contextTokens) {
    throw invalidInput(`The prompt is longer than the model's context of ${contextTokens} tokens. Shorten it.`, {
      promptTokens: promptTokens.length,
      contextTokens,
    });
  }
}

/** How a conversation ends. */
export type ChatPromptOptions = {
  /** The last message is the beginning of the answer, and nothing closes it; false if left out. */
  readonly isContinued?: boolean;
};

/**
 * Prompt tokens of a conversation in ChatML, ending with the header of the assistant's answer, or with what there is of it.
 *
 * The special tokens are put in here; nothing in a message becomes one, so a message cannot pose as another role.
 *
 * @throws {@link TinyError} `TINY_INVALID_INPUT` for no messages, a malformed role, or more than the context holds;
 *   `TINY_INVALID_MODEL` when the vocabulary lacks the ChatML tokens.
 */
export function encodeChatPrompt(
  messages: readonly ChatMessage[],
  limits: PromptLimits,
  { isContinued = false }: ChatPromptOptions = {},
): number[] {
  const { tokenizer, contextTokens } = limits;
  const start = tokenizer.specialTokenId("<|im_start|>");
  const end = tokenizer.specialTokenId("<|im_end|>");
  if (start === undefined || end === undefined) throw invalidModel("The model has no ChatML tokens: it was not trained on conversations.");
  if (messages.length === 0) throw invalidInput("A conversation needs at least one message.");
  const malformed = messages.find((message) => !ROLE.test(message.role));
  if (malformed !== undefined) throw invalidInput("A role must be a short lower-case word.", { role: malformed.role.slice(0, 64) });
  assertCanFit(
    messages.map((message) => message.content),
    limits,
  );
  const newLine = tokenizer.encode("\n");
  const promptTokens = messages.flatMap(({ role, content }, index) => {
    const isOpen = isContinued && index === messages.length - 1;
    return [start, ...tokenizer.encode(`${role}\n${content}`), ...(isOpen ? [] : [end, ...newLine])];
  });
  if (!isContinued) promptTokens.push(start, ...tokenizer.encode("assistant\n"));
  assertFits(promptTokens, contextTokens);
  return promptTokens;
}

/** The token that stands before every text, and whether the model's file says that it does. */
export type BeginningToken = { readonly tokenId: number | undefined; readonly isAlways: boolean };

/**
 * Prompt tokens of a text to be continued, with the beginning-of-text token in front where the model's file says so: engines that read
 * the same file do the same. An empty text is that token alone, because there must be one to begin with.
 *
 * @throws {@link TinyError} `TINY_INVALID_INPUT` for more than the context holds, and for an empty text if the model has no such token.
 */
export function encodeCompletionPrompt(text: string, beginning: BeginningToken, limits: PromptLimits): number[] {
  const { tokenizer, contextTokens } = limits;
  assertCanFit([text], limits);
  const promptTokens = tokenizer.encode(text);
  if (beginning.tokenId !== undefined && (beginning.isAlways || promptTokens.length === 0)) promptTokens.unshift(beginning.tokenId);
  if (promptTokens.length === 0) throw invalidInput("The prompt is empty.");
  assertFits(promptTokens, contextTokens);
  return promptTokens;
}
