import type { AnswerPart, ClaimedToken } from "../answer.js";

// Checks by hand, in the place of a schema: they run for every event of every answer, and stop at the first thing that is wrong, so that
// an event never costs more than it is long.

const LONGEST_TOKEN = 4096;
const LONGEST_NAME = 256;

/** An object whose fields nobody has looked at. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object, or null. */
export function asFields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** True for what may be left out. */
export function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** A log-probability: finite and at most a rounding error above 0. JSON has no infinity, so servers send a large negative number. */
export function isLogprob(value: unknown): value is number {
  return typeof value === "number" && value <= 0.001 && value > Number.NEGATIVE_INFINITY;
}

/** A token's text. */
export function isTokenText(value: unknown): value is string {
  return typeof value === "string" && value.length <= LONGEST_TOKEN;
}

/** A name or an id, of a usual length. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= LONGEST_NAME;
}

/** A list of a token's bytes. */
export function isBytes(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length > LONGEST_TOKEN) return false;
  for (const byte of value) if (!Number.isInteger(byte) || byte < 0 || byte > 255) return false;
  return true;
}

/** The first choice of an event or body, null where it has none, or what is wrong with the choices. */
export function firstChoice(value: Fields): Fields | null | string {
  const { choices } = value;
  if (isMissing(choices)) return null;
  if (!Array.isArray(choices) || choices.length > 8) return "choices";
  if (choices.length === 0) return null;
  return asFields(choices[0]) ?? "choices[0]";
}

/** The usage that an event or body reports: advice, so whatever cannot be read is as good as none. */
export function readUsage(value: Fields): AnswerPart | null {
  const promptTokens = asFields(value["usage"])?.["prompt_tokens"];
  return typeof promptTokens === "number" && Number.isSafeInteger(promptTokens) && promptTokens >= 0
    ? { kind: "usage", promptTokens }
    : null;
}

/** A token's id in some vocabulary. */
export function isTokenId(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** The tokens with the ids that are listed beside them; as they are where none are, or not as many. Ids are an extension of OpenAI's shapes. */
export function withTokenIds(tokens: readonly ClaimedToken[], ids: unknown): readonly ClaimedToken[] {
  if (!Array.isArray(ids) || ids.length !== tokens.length || !ids.every(isTokenId)) return tokens;
  return tokens.map((token, index) => ({ ...token, id: Number(ids[index]) }));
}

const MOST_PROMPT_IDS = 16_384; // of a longer prompt nobody keeps the ids

/** The prompt as the server read it, where an event or body tells that; null for anything else. */
export function readPromptIds(event: Fields, choice: Fields): AnswerPart | null {
  const ids = event["prompt_token_ids"] ?? choice["prompt_token_ids"];
  const isPrompt = Array.isArray(ids) && ids.length > 0 && ids.length <= MOST_PROMPT_IDS && ids.every(isTokenId);
  return isPrompt ? { kind: "prompt", tokenIds: ids } : null;
}
