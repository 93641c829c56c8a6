import { type ChatChunk, type ChatRequest, chatMessageText } from "@vision/protocol";
import { type AnswerIdentity, type AnswerPresenter, type PresenterFactory, toUsage } from "./presenter.js";
import { createToolCallCollector } from "./tool-calls.js";

type ChunkChoice = ChatChunk["choices"][number];
type TokenLogprob = NonNullable<NonNullable<NonNullable<ChunkChoice["logprobs"]>["content"]>[number]>;

/** OpenAI always lists alternatives, an empty list when none were asked for. */
function toLogprobs(entries: readonly TokenLogprob[]): unknown {
  return {
    content: entries.map((entry) => ({ ...entry, bytes: entry.bytes ?? null, top_logprobs: entry["top_logprobs"] ?? [] })),
    refusal: null,
  };
}

function create({ id, createdSeconds, model, request: rawRequest }: AnswerIdentity): AnswerPresenter {
  const request = rawRequest as ChatRequest;
  const areLogprobsAsked = request.logprobs === true;
  const isUsageAsked = request.stream_options?.include_usage === true;
  const chunk = { id, object: "chat.completion.chunk", created: createdSeconds, model };
  const logprobs: TokenLogprob[] = [];
  const toolCalls = createToolCallCollector();
  let promptTokens: number | null = null;

  return {
    addEvent(data) {
      const event = JSON.parse(data) as ChatChunk;
      promptTokens = event.usage?.prompt_tokens ?? promptTokens;
      const choice = event.choices[0];
      if (choice === undefined) return null;
      const entries = choice.logprobs?.content ?? [];
      if (areLogprobsAsked) logprobs.push(...entries);
      const delta = choice.delta ?? {};
      toolCalls.add(delta["tool_calls"]);
      const value = {
        ...chunk,
        choices: [
          {
            index: 0,
            delta,
            logprobs: areLogprobsAsked && entries.length > 0 ? toLogprobs(entries) : null,
            finish_reason: choice.finish_reason ?? null,
          },
        ],
        ...(isUsageAsked ? { usage: null } : {}),
      };
      return { value, hasContent: (delta.content ?? "") !== "" || delta["tool_calls"] !== undefined };
    },
    reportedPromptTokens: () => promptTokens,
    usageEvent: (usage) => (isUsageAsked ? { ...chunk, choices: [], usage: toUsage(usage) } : null),
    body(answer, usage) {
      if (answer.kind !== "text") throw new TypeError("a chat answer is text");
      const calls = toolCalls.list();
      return {
        ...chunk,
        object: "chat.completion",
        choices: [
          {
            index: 0,
            message: {
              role: "assistant",
              content: answer.text === "" && calls.length > 0 ? null : answer.text,
              refusal: null,
              ...(calls.length > 0 ? { tool_calls: calls } : {}),
            },
            logprobs: areLogprobsAsked ? toLogprobs(logprobs) : null,
            finish_reason: answer.finishReason === "unknown" ? "stop" : answer.finishReason,
          },
        ],
        usage: toUsage(usage),
      };
    },
  };
}

/** Chat completions in OpenAI's shape. */
export const chatPresenter: PresenterFactory = {
  idPrefix: "chatcmpl-",
  isStreamWanted: (request) => (request as ChatRequest).stream === true,
  promptCharacters: (request) => (request as ChatRequest).messages.reduce((sum, message) => sum + chatMessageText(message).length, 0),
  create,
};
