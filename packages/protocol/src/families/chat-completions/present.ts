import type { AnswerPart, ClaimedToken, FinishReason, ToolCallPart } from "../answer.js";
import type { AnswerIdentity, AnswerPresenter } from "../family.js";
import { eventHead, presentFinishReason, presentUsage } from "../text/present-fields.js";
import { type PartOf, type ShownTokens, shownTokens } from "../text/shown-tokens.js";
import type { ChatRequest } from "./request.js";

const toAlternative = ({ text, logprob, bytes }: ClaimedToken) => ({ token: text, logprob, bytes });

/** OpenAI always lists alternatives, an empty list when none were asked for. */
function presentLogprobs({ tokens, alternatives }: ShownTokens) {
  return {
    content: tokens.map((token, index) => ({ ...toAlternative(token), top_logprobs: (alternatives?.[index] ?? []).map(toAlternative) })),
    refusal: null,
  };
}

type ToolCall = { readonly id: string; readonly type: "function"; readonly function: { name: string; arguments: string } };

/** What one event says, by field. */
type Said = {
  text: string | null;
  refusal: string;
  reasoning: string;
  calls: readonly ToolCallPart[];
  tokens: PartOf<"tokens"> | null;
  finishReason: FinishReason | null;
};

function gather(parts: readonly AnswerPart[]): Said {
  const said: Said = { text: null, refusal: "", reasoning: "", calls: [], tokens: null, finishReason: null };
  for (const part of parts) {
    switch (part.kind) {
      case "text":
        said.text = (said.text ?? "") + part.text;
        break;
      case "refusal":
        said.refusal += part.text;
        break;
      case "reasoning":
        said.reasoning += part.text;
        break;
      case "toolCalls":
        said.calls = part.calls;
        break;
      case "tokens":
        said.tokens = part;
        break;
      case "finishReason":
        said.finishReason = part.reason;
        break;
      case "usage":
      case "prompt":
      case "images":
      case "vectors":
        break;
    }
  }
  return said;
}

/** Both spellings in use: DeepSeek's, which vLLM took over, and vLLM's and OpenRouter's newer one. */
const presentReasoning = (reasoning: string) => (reasoning === "" ? {} : { reasoning_content: reasoning, reasoning });

/** A chat answer in OpenAI's shape. */
export function createChatPresenter({ id, createdSeconds, model, choiceIndex, request }: AnswerIdentity<ChatRequest>): AnswerPresenter {
  const isStream = request.stream === true;
  const areLogprobsAsked = request.logprobs === true;
  const isUsageAsked = request.stream_options?.include_usage === true;
  const chunk = { id, object: "chat.completion.chunk", created: createdSeconds, model };
  const head = `${eventHead(chunk)}{"index":${choiceIndex},"delta":`;
  const tail = isUsageAsked ? '}],"usage":null}' : "}]}";
  const calls: ToolCall[] = [];
  const shown: ShownTokens[] = [];
  const refusals: string[] = [];
  const thoughts: string[] = [];
  let hasRole = false;

  const callId = (part: ToolCallPart) => part.id ?? `call_${id.slice(id.indexOf("-") + 1)}_${choiceIndex}_${part.index}`;

  const presentCall = (part: ToolCallPart) => ({
    index: part.index,
    ...(part.isNew ? { id: callId(part), type: "function" } : {}),
    function: { ...(part.name === null ? {} : { name: part.name }), arguments: part.arguments },
  });

  const keep = (said: Said, tokens: ShownTokens | null) => {
    if (tokens !== null) shown.push(tokens);
    refusals.push(said.refusal);
    thoughts.push(said.reasoning);
    for (const part of said.calls) {
      if (part.isNew) calls.push({ id: callId(part), type: "function", function: { name: "", arguments: "" } });
      const call = calls[part.index];
      if (call === undefined) continue;
      call.function.name ||= part.name ?? "";
      call.function.arguments += part.arguments;
    }
  };

  /** The delta of an event. The first one says who speaks, whether or not the miner's does. */
  const presentDelta = ({ text, refusal, reasoning, calls: pieces }: Said): string => {
    const isPlain = refusal === "" && reasoning === "" && pieces.length === 0;
    if (isPlain && hasRole) return text === null ? "{}" : `{"content":${JSON.stringify(text)}}`;
    const role = hasRole ? {} : { role: "assistant" };
    hasRole = true;
    return JSON.stringify({
      ...role,
      ...(text === null ? {} : { content: text }),
      ...(refusal === "" ? {} : { refusal }),
      ...presentReasoning(reasoning),
      ...(pieces.length === 0 ? {} : { tool_calls: pieces.map(presentCall) }),
    });
  };

  return {
    areTokensShown: areLogprobsAsked,
    addParts(parts) {
      const said = gather(parts);
      const { text, refusal, reasoning, calls: pieces, tokens: listed, finishReason } = said;
      const tokens = areLogprobsAsked && listed !== null ? shownTokens(listed, text ?? "") : null;
      if (!isStream) keep(said, tokens);
      const isNothing = text === null && refusal === "" && reasoning === "" && pieces.length === 0;
      if (isNothing && (tokens?.tokens.length ?? 0) === 0 && finishReason === null) return null;
      const logprobs = tokens === null || tokens.tokens.length === 0 ? "null" : JSON.stringify(presentLogprobs(tokens));
      const finish = finishReason === null ? "null" : `"${presentFinishReason(finishReason)}"`;
      return {
        json: `${head}${presentDelta(said)},"logprobs":${logprobs},"finish_reason":${finish}${tail}`,
        hasContent: !isNothing && ((text ?? "") !== "" || refusal !== "" || reasoning !== "" || pieces.length > 0),
      };
    },
    usageEvent: (usage) => (isUsageAsked ? JSON.stringify({ ...chunk, choices: [], usage: presentUsage(usage) }) : null),
    choice(answer) {
      if (answer.kind !== "text") throw new TypeError("a chat answer is text");
      const refusal = refusals.join("");
      const tokens = shown.flatMap((each) => each.tokens);
      const alternatives = shown.flatMap((each) => each.alternatives ?? each.tokens.map(() => []));
      return {
        index: choiceIndex,
        message: {
          role: "assistant",
          content: answer.text === "" && (calls.length > 0 || refusal !== "") ? null : answer.text,
          refusal: refusal === "" ? null : refusal,
          ...presentReasoning(thoughts.join("")),
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
        },
        logprobs: areLogprobsAsked ? presentLogprobs({ tokens, alternatives }) : null,
        finish_reason: presentFinishReason(answer.finishReason),
      };
    },
    body: (choices, usage) => ({ ...chunk, object: "chat.completion", choices, usage: presentUsage(usage) }),
  };
}
