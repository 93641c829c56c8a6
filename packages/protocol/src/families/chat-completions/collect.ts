import type { AnswerPart, ClaimedToken } from "../answer.js";
import type { AnswerCollector } from "../family.js";
import { createTextReader, type ListedTokens } from "../text/read-answer.js";
import { readContent } from "../text/read-content.js";
import { asFields, type Fields, isBytes, isLogprob, isMissing, isTokenId, isTokenText } from "../text/read-fields.js";
import { createTextCollector } from "../text/text-collector.js";
import { bytesOfText } from "../text/text-parts.js";
import { createToolCallReader } from "../text/tool-call-reader.js";
import { type ChatRequest, chatBudget } from "./request.js";

type Entry = { readonly token: string; readonly logprob: number; readonly bytes?: readonly number[] | null; readonly id?: unknown };

function isEntry(entry: Fields | null): entry is Fields & Entry {
  return (
    entry !== null && isTokenText(entry["token"]) && isLogprob(entry["logprob"]) && (isMissing(entry["bytes"]) || isBytes(entry["bytes"]))
  );
}

const toToken = ({ token, logprob, bytes, id }: Entry): ClaimedToken => ({
  // llama.cpp's server lists it.
  ...(isTokenId(id) ? { id } : {}),
  bytes: bytes ?? bytesOfText(token),
  text: token,
  logprob,
});

/** Tokens of a choice with what it lists beside them, or null when they are not what they have to be. */
function readTokens(logprobs: unknown, areAlternativesAsked: boolean): ListedTokens | null {
  const tokens: ClaimedToken[] = [];
  const alternatives: ClaimedToken[][] = [];
  let mostAlternatives = 0;
  const content = isMissing(logprobs) ? null : asFields(logprobs)?.["content"];
  if (isMissing(content)) {
    return isMissing(logprobs) || asFields(logprobs) !== null ? { tokens, alternatives, mostAlternatives, entries: 0 } : null;
  }
  if (!Array.isArray(content)) return null;
  for (const each of content) {
    const entry = asFields(each);
    if (!isEntry(entry)) return null;
    tokens.push(toToken(entry));
    const listed = entry["top_logprobs"];
    if (isMissing(listed)) {
      if (areAlternativesAsked) alternatives.push([]);
      continue;
    }
    if (!Array.isArray(listed)) return null;
    mostAlternatives = Math.max(mostAlternatives, listed.length);
    if (!areAlternativesAsked) continue;
    const others: ClaimedToken[] = [];
    for (const other of listed) {
      const fields = asFields(other);
      if (!isEntry(fields)) return null;
      others.push({ bytes: fields.bytes ?? null, text: fields.token, logprob: fields.logprob });
    }
    alternatives.push(others);
  }
  return { tokens, alternatives, mostAlternatives, entries: tokens.length };
}

/** Collector of chat answers: chunks of a stream, or one body. */
export function createChatCollector(request: ChatRequest): AnswerCollector {
  const toolCalls = createToolCallReader();
  const areAlternativesAsked = (request.top_logprobs ?? 0) > 0;

  const readText = (choice: Fields, isWhole: boolean): readonly AnswerPart[] | string => {
    const place = isWhole ? "message" : "delta";
    const message = isMissing(choice[place]) && !isWhole ? {} : asFields(choice[place]);
    if (message === null) return place;
    const { content, refusal, reasoning, reasoning_content: reasoningContent, tool_calls: calls } = message;
    const said = isMissing(content) ? null : readContent(content);
    if (said === null && !isMissing(content)) return `${place}.content`;
    if (!isMissing(refusal) && typeof refusal !== "string") return `${place}.refusal`;
    const parts: AnswerPart[] = [];
    // Two spellings of one thing; a server that sends both says the same twice, and one may be a list of its own making.
    const thought = typeof reasoningContent === "string" ? reasoningContent : (reasoning ?? said?.reasoning);
    if (typeof thought === "string" && thought !== "") parts.push({ kind: "reasoning", text: thought });
    if (said !== null) parts.push({ kind: "text", text: said.text });
    if (typeof refusal === "string" && refusal !== "") parts.push({ kind: "refusal", text: refusal });
    if (isMissing(calls)) return parts;
    const read = toolCalls.read(calls);
    if (read === null) return `${place}.tool_calls`;
    if (read.length > 0) parts.push({ kind: "toolCalls", calls: read });
    return parts;
  };

  return createTextReader(createTextCollector({ ...chatBudget(request), hasTools: (request.tools?.length ?? 0) > 0 }), {
    areAlternativesAsked,
    nameOf: (isWhole) => (isWhole ? "chat.completion" : "chat.completion.chunk"),
    readText,
    readTokens: (logprobs) => readTokens(logprobs, areAlternativesAsked),
    // Some servers end an answer that calls tools as if it had only text.
    reasonOf: (named) => (toolCalls.hasCalls() && (named === "stop" || named === "unknown") ? "tool_calls" : named),
  });
}
