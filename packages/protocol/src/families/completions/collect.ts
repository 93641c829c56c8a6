import type { ClaimedToken } from "../answer.js";
import type { AnswerCollector } from "../family.js";
import { createTextReader, type ListedTokens } from "../text/read-answer.js";
import { asFields, isBytes, isLogprob, isMissing, isTokenText } from "../text/read-fields.js";
import { createTextCollector } from "../text/text-collector.js";
import { bytesOfText } from "../text/text-parts.js";
import { type CompletionRequest, completionBudget } from "./request.js";

/** A list, an empty one for what was left out, or null for anything else. */
function listOf(value: unknown): readonly unknown[] | null {
  if (isMissing(value)) return [];
  return Array.isArray(value) ? value : null;
}

/** The alternatives of one token, by text; null when they are not what they have to be. */
function readAlternatives(value: unknown, most: number): { readonly count: number; readonly tokens: readonly ClaimedToken[] } | null {
  if (isMissing(value)) return { count: 0, tokens: [] };
  const fields = asFields(value);
  if (fields === null) return null;
  const names = Object.keys(fields);
  if (names.length > most) return { count: names.length, tokens: [] };
  const tokens: ClaimedToken[] = [];
  for (const text of names) {
    const logprob = fields[text];
    if (!isTokenText(text) || !isLogprob(logprob)) return null;
    tokens.push({ bytes: null, text, logprob });
  }
  return { count: names.length, tokens };
}

const MOST_ALTERNATIVES = 64; // above what any request can ask for; the budget names the exact limit

/** Tokens of a choice with what it lists beside them, or null when the lists are not what they have to be. */
function readTokens(value: unknown, areAlternativesAsked: boolean): ListedTokens | null {
  const logprobs = isMissing(value) ? {} : asFields(value);
  if (logprobs === null) return null;
  const texts = listOf(logprobs["tokens"]);
  const values = listOf(logprobs["token_logprobs"]);
  // Extension: the bytes of each token, because text cannot carry a part of a character.
  const bytes = listOf(logprobs["token_bytes"]);
  const top = listOf(logprobs["top_logprobs"]);
  if (texts === null || values === null || bytes === null || top === null) return null;
  const tokens: ClaimedToken[] = [];
  const alternatives: (readonly ClaimedToken[])[] = [];
  let mostAlternatives = 0;
  for (let index = 0; index < texts.length; index += 1) {
    const text = texts[index];
    const logprob = values[index] ?? null;
    const own = bytes[index] ?? null;
    if (!isTokenText(text) || !(logprob === null || isLogprob(logprob)) || !(own === null || isBytes(own))) return null;
    tokens.push({ bytes: own ?? bytesOfText(text), text, logprob });
    const others = readAlternatives(top[index], MOST_ALTERNATIVES);
    if (others === null) return null;
    mostAlternatives = Math.max(mostAlternatives, others.count);
    if (areAlternativesAsked) alternatives.push(others.tokens);
  }
  const entries = Math.max(texts.length, values.length, bytes.length, top.length);
  return { tokens, alternatives, mostAlternatives, entries };
}

/** Collector of plain completions: events of a stream, or one body; both have the same shape. */
export function createCompletionCollector(request: CompletionRequest): AnswerCollector {
  const areAlternativesAsked = (request.logprobs ?? 0) > 0;
  return createTextReader(createTextCollector({ ...completionBudget(request), hasTools: false }), {
    areAlternativesAsked,
    nameOf: () => "text_completion",
    readText: ({ text }) => (typeof text === "string" ? [{ kind: "text", text }] : "text"),
    readTokens: (logprobs) => readTokens(logprobs, areAlternativesAsked),
    reasonOf: (named) => named,
  });
}
