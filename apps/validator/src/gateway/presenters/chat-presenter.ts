import { type ChatChunk, type ChatRequest, chatMessageText } from "@vision/protocol";
import { z } from "zod";
import { type Delta, deltaSchema, parseAnswerPart, presentFinishReason, type TokenLogprob, tokenLogprobSchema } from "./answer-fields.js";
import { type AnswerIdentity, type AnswerPresenter, type PresenterFactory, toUsage } from "./presenter.js";
import { createToolCallCollector, presentToolCalls } from "./tool-calls.js";

const tokenLogprobsSchema = z.array(tokenLogprobSchema);

type Alternative = Omit<TokenLogprob, "top_logprobs">;

const toAlternative = ({ token, logprob, bytes }: Alternative) => ({ token, logprob, bytes: bytes ?? null });

/** OpenAI always lists alternatives, an empty list when none were asked for. */
function toLogprobs(entries: readonly TokenLogprob[]): unknown {
  return {
    content: entries.map((entry) => ({ ...toAlternative(entry), top_logprobs: (entry.top_logprobs ?? []).map(toAlternative) })),
    refusal: null,
  };
}

/** A delta in OpenAI's shape; `reasoning_content` is what open model servers add for models that think. */
function presentDelta({ role, content, refusal, reasoning_content, tool_calls }: Delta) {
  const toolCalls = presentToolCalls(tool_calls);
  return {
    ...(role === null || role === undefined ? {} : { role: "assistant" }),
    ...(content === undefined ? {} : { content }),
    ...(refusal === null || refusal === undefined ? {} : { refusal }),
    ...(reasoning_content === null || reasoning_content === undefined ? {} : { reasoning_content }),
    ...(toolCalls === null ? {} : { tool_calls: toolCalls }),
  };
}

function isVisible({ content, refusal, reasoning_content, tool_calls }: Delta): boolean {
  return [content, refusal, reasoning_content].some((text) => (text ?? "") !== "") || (tool_calls?.length ?? 0) > 0;
}

function create({ id, createdSeconds, model, request: rawRequest }: AnswerIdentity): AnswerPresenter {
  const request = rawRequest as ChatRequest;
  const areLogprobsAsked = request.logprobs === true;
  const isUsageAsked = request.stream_options?.include_usage === true;
  const chunk = { id, object: "chat.completion.chunk", created: createdSeconds, model };
  const logprobs: TokenLogprob[] = [];
  const toolCalls = createToolCallCollector();
  const refusals: string[] = [];
  const reasoning: string[] = [];
  let promptTokens: number | null = null;

  return {
    addEvent(data) {
      const event = JSON.parse(data) as ChatChunk;
      promptTokens = event.usage?.prompt_tokens ?? promptTokens;
      const choice = event.choices[0];
      if (choice === undefined) return null;
      const entries = areLogprobsAsked ? parseAnswerPart(tokenLogprobsSchema, choice.logprobs?.content ?? [], "logprobs") : [];
      logprobs.push(...entries);
      const delta = parseAnswerPart(deltaSchema, choice.delta ?? {}, "delta");
      toolCalls.add(delta.tool_calls);
      refusals.push(delta.refusal ?? "");
      reasoning.push(delta.reasoning_content ?? "");
      const value = {
        ...chunk,
        choices: [
          {
            index: 0,
            delta: presentDelta(delta),
            logprobs: entries.length > 0 ? toLogprobs(entries) : null,
            finish_reason: presentFinishReason(choice.finish_reason),
          },
        ],
        ...(isUsageAsked ? { usage: null } : {}),
      };
      return { value, hasContent: isVisible(delta) };
    },
    reportedPromptTokens: () => promptTokens,
    usageEvent: (usage) => (isUsageAsked ? { ...chunk, choices: [], usage: toUsage(usage) } : null),
    body(answer, usage) {
      if (answer.kind !== "text") throw new TypeError("a chat answer is text");
      const calls = toolCalls.list();
      const refusal = refusals.join("");
      const thoughts = reasoning.join("");
      return {
        ...chunk,
        object: "chat.completion",
        choices: [
          {
            index: 0,
            message: {
              role: "assistant",
              content: answer.text === "" && (calls.length > 0 || refusal !== "") ? null : answer.text,
              refusal: refusal === "" ? null : refusal,
              ...(thoughts === "" ? {} : { reasoning_content: thoughts }),
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
