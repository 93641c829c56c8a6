import type { AnswerPart, ClaimedToken } from "../answer.js";
import type { AddedParts, AnswerCollector } from "../family.js";
import {
  asFields,
  type Fields,
  firstChoice,
  isBytes,
  isLogprob,
  isMissing,
  isTokenId,
  isTokenText,
  readPromptIds,
  readUsage,
  withTokenIds,
} from "../text/read-fields.js";
import { createTextCollector } from "../text/text-collector.js";
import { bytesOfText, toFinishReason } from "../text/text-parts.js";
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
function readTokens(logprobs: unknown, areAlternativesAsked: boolean) {
  const tokens: ClaimedToken[] = [];
  const alternatives: ClaimedToken[][] = [];
  let mostAlternatives = 0;
  const content = isMissing(logprobs) ? null : asFields(logprobs)?.["content"];
  if (isMissing(content)) return isMissing(logprobs) || asFields(logprobs) !== null ? { tokens, alternatives, mostAlternatives } : null;
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
  return { tokens, alternatives, mostAlternatives };
}

/** Collector of chat answers: chunks of a stream, or one body. */
export function createChatCollector(request: ChatRequest): AnswerCollector {
  const collector = createTextCollector({ ...chatBudget(request), hasTools: (request.tools?.length ?? 0) > 0 });
  const toolCalls = createToolCallReader();
  const areAlternativesAsked = (request.top_logprobs ?? 0) > 0;

  const read = (value: unknown, isWhole: boolean): AddedParts => {
    const what = isWhole ? "chat.completion" : "chat.completion.chunk";
    const refuse = (where: string): AddedParts => ({ ok: false, reason: `not a ${what}: ${where} is not valid` });
    const event = asFields(value);
    if (event === null || !isMissing(event["error"])) return refuse(event === null ? "it" : "error");
    const parts: AnswerPart[] = [];
    const usage = readUsage(event);
    if (usage !== null) parts.push(usage);
    const choice = firstChoice(event);
    if (typeof choice === "string") return refuse(choice);
    if (choice === null) return isWhole ? refuse("choices") : collector.add(parts, { entries: 0, alternatives: 0 });

    const place = isWhole ? "message" : "delta";
    const message = isMissing(choice[place]) && !isWhole ? {} : asFields(choice[place]);
    if (message === null) return refuse(place);
    const { content, refusal, reasoning, reasoning_content: reasoningContent, tool_calls: calls } = message;
    if (!isMissing(content) && typeof content !== "string") return refuse(`${place}.content`);
    if (!isMissing(refusal) && typeof refusal !== "string") return refuse(`${place}.refusal`);
    // Two spellings of one thing; a server that sends both says the same twice, and one may be a list of its own making.
    const thought = typeof reasoningContent === "string" ? reasoningContent : reasoning;
    if (typeof thought === "string" && thought !== "") parts.push({ kind: "reasoning", text: thought });
    if (typeof content === "string") parts.push({ kind: "text", text: content });
    if (typeof refusal === "string" && refusal !== "") parts.push({ kind: "refusal", text: refusal });
    if (!isMissing(calls)) {
      const read = toolCalls.read(calls);
      if (read === null) return refuse(`${place}.tool_calls`);
      if (read.length > 0) parts.push({ kind: "toolCalls", calls: read });
    }

    const listed = readTokens(choice["logprobs"], areAlternativesAsked);
    if (listed === null) return refuse("logprobs");
    const { alternatives, mostAlternatives } = listed;
    const tokens = withTokenIds(listed.tokens, choice["token_ids"]);
    const prompt = readPromptIds(event, choice);
    if (prompt !== null) parts.push(prompt);
    if (tokens.length > 0) parts.push({ kind: "tokens", tokens, alternatives: areAlternativesAsked ? alternatives : null });
    const { finish_reason: finish } = choice;
    if (!isMissing(finish) && typeof finish !== "string") return refuse("finish_reason");
    const named = toFinishReason(finish) ?? (isWhole ? "unknown" : null);
    // Some servers end an answer that calls tools as if it had only text.
    const reason = toolCalls.hasCalls() && (named === "stop" || named === "unknown") ? "tool_calls" : named;
    if (reason !== null) parts.push({ kind: "finishReason", reason });
    return collector.add(parts, { entries: tokens.length, alternatives: mostAlternatives });
  };

  return { ...collector, addEvent: (event) => read(event, false), addBody: (body) => read(body, true) };
}
