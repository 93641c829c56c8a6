import type { RequestBody } from "@vision/protocol";
import type { PromptCount } from "../ports/index.js";

/** What is known of a prompt when its answer is there. */
export type PromptFacts = {
  readonly count: PromptCount;
  /** The user's request. */
  readonly request: RequestBody;
  /** Characters of the prompt's text. */
  readonly promptCharacters: number;
  /** As the miner reported them; null if it did not. */
  readonly reportedTokens: number | null;
};

/** Around each message, and for the texts that templates put in front of tools and dates. */
const TEMPLATE_TOKENS = 512;
/** A picture that is named by its address is more tokens than its address has bytes. */
const PICTURE_TOKENS = 4096;

/** The most tokens that a request's prompt can be: no tokenizer makes more than one of a byte, and everything of the request may be in it. */
function mostTokens(request: RequestBody): number {
  let pictures = 0;
  const text = JSON.stringify(request, (name, value: unknown) => {
    if (name === "image_url") pictures += 1;
    return value;
  });
  return Buffer.byteLength(text) + TEMPLATE_TOKENS + pictures * PICTURE_TOKENS;
}

/**
 * Prompt tokens that a user is told, whole, at least 1: counted where the tokenizer is known; else what the miner reported, which is its
 * word, within what the request can be; else a quarter of the characters.
 */
export function billedPromptTokens({ count, request, promptCharacters, reportedTokens }: PromptFacts): number {
  if (count.kind === "counted") return count.promptTokens;
  const tokens = reportedTokens === null ? Math.ceil(promptCharacters / 4) : Math.min(reportedTokens, mostTokens(request));
  return Math.max(1, tokens);
}
