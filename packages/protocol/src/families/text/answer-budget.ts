import { protocolLimits } from "../../limits.js";
import type { ReplyLimits } from "../family.js";

/** What an answer of text may hold at most, by what was asked for. */
export type AnswerBudgetOptions = {
  /** Tokens that the request allows. */
  readonly maxTokens: number;
  /** Alternatives for each token that the request asks for; `null` when it does not say. */
  readonly topLogprobs: number | null;
};

/** Counts what comes and says as soon as it is more than can have been asked for. */
export type AnswerBudget = {
  /** Takes in text that a user would see. Returns a problem, or `null`. */
  addText(text: string): string | null;
  /** Takes in claimed tokens, by number. Returns a problem, or `null`. */
  addTokens(count: number): string | null;
  /** Checks the alternatives given for one token, by number. Returns a problem, or `null`. */
  checkAlternatives(count: number): string | null;
};

// The end token is listed too, and servers differ in whether they count the first one.
const SLACK_TOKENS = 8;
// The longest tokens of the usual vocabularies are runs of blanks of some 100 bytes; an average of 64 over an answer does not occur.
const BYTES_PER_TOKEN = 64;
// vLLM lists the drawn token beside the best n, and one where none were asked for.
const SLACK_ALTERNATIVES = 2;
// An event of one token takes 200 to 500 bytes, an alternative 60 to 150.
const WIRE_BYTES_PER_ENTRY = 1024;
// Role and usage events, keep-alive comments, an error.
const WIRE_BYTES_BASE = 64 * 1024;

// Pieces of JSON that one token's entry, or one alternative, is made of: some 10 of its own, and one for every byte that it lists.
const VALUES_PER_ENTRY = 64;
// Whatever servers add to every event and body.
const VALUES_BASE = 4096;

/** Bytes of a text in UTF-8. */
function bytesOf(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    // Each half of a surrogate pair is two of the four bytes.
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

/**
 * Alternatives for each token that an answer may list. Where a request does not say how many, servers have defaults of their own
 * (llama.cpp: 20).
 */
function allowedAlternatives(topLogprobs: number | null): number {
  return (topLogprobs ?? protocolLimits.topLogprobs) + SLACK_ALTERNATIVES;
}

/** A budget for one answer. */
export function createAnswerBudget({ maxTokens, topLogprobs }: AnswerBudgetOptions): AnswerBudget {
  const tokenLimit = maxTokens + SLACK_TOKENS;
  const byteLimit = tokenLimit * BYTES_PER_TOKEN;
  const alternativeLimit = allowedAlternatives(topLogprobs);
  let bytes = 0;
  let tokens = 0;
  return {
    addText(text) {
      // No character takes less than one byte: text that is too long already need not be looked at.
      bytes += text.length > byteLimit ? text.length : bytesOf(text);
      return bytes > byteLimit ? `more text than ${maxTokens} tokens can hold` : null;
    },
    addTokens(count) {
      tokens += count;
      return tokens > tokenLimit ? `more than the ${maxTokens} tokens that were asked for` : null;
    },
    checkAlternatives: (count) => (count > alternativeLimit ? `${count} alternatives for one token` : null),
  };
}

/** Sizes that a reply of text may have, bytes: in proportion to what was asked for, and never above the protocol's limits. */
export function textReplyLimits({ maxTokens, topLogprobs }: AnswerBudgetOptions): ReplyLimits {
  const entries = maxTokens * (1 + allowedAlternatives(topLogprobs));
  const scaled = WIRE_BYTES_BASE + entries * WIRE_BYTES_PER_ENTRY;
  // A count that is no number must not make a bound that nothing exceeds.
  const within = (limit: number) => (Number.isFinite(scaled) ? Math.min(scaled, limit) : limit);
  return {
    eventBytes: within(protocolLimits.eventBytes),
    streamBytes: within(protocolLimits.streamBytes),
    bodyBytes: within(protocolLimits.responseBytes),
    values: Math.min(VALUES_BASE + entries * VALUES_PER_ENTRY, protocolLimits.jsonValues),
  };
}
