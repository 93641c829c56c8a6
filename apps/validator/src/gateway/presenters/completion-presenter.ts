import type { CompletionRequest, CompletionResponse } from "@vision/protocol";
import { completionAlternativesSchema, parseAnswerPart, presentFinishReason } from "./answer-fields.js";
import { type AnswerIdentity, type AnswerPresenter, type PresenterFactory, toUsage } from "./presenter.js";

type Logprobs = NonNullable<CompletionResponse["choices"][number]["logprobs"]>;

/** Logprobs of the pieces of a stream as one. Offsets are counted anew: a piece counts from its own start. */
function createLogprobsCollector(): { add(logprobs: Logprobs | null | undefined): unknown; all(): unknown } {
  const tokens: string[] = [];
  const tokenLogprobs: (number | null)[] = [];
  const topLogprobs: unknown[] = [];
  const offsets: number[] = [];
  let offset = 0;
  const view = (from: number) => ({
    tokens: tokens.slice(from),
    token_logprobs: tokenLogprobs.slice(from),
    top_logprobs: topLogprobs.slice(from).some((entry) => entry !== null) ? topLogprobs.slice(from) : null,
    text_offset: offsets.slice(from),
  });
  return {
    add(logprobs) {
      const from = tokens.length;
      const alternatives = parseAnswerPart(completionAlternativesSchema, logprobs?.top_logprobs, "top_logprobs");
      (logprobs?.tokens ?? []).forEach((token, index) => {
        tokens.push(token);
        tokenLogprobs.push(logprobs?.token_logprobs?.[index] ?? null);
        topLogprobs.push(alternatives?.[index] ?? null);
        offsets.push(offset);
        offset += token.length;
      });
      return tokens.length === from ? null : view(from);
    },
    all: () => view(0),
  };
}

function create({ id, createdSeconds, model, request: rawRequest }: AnswerIdentity): AnswerPresenter {
  const request = rawRequest as CompletionRequest;
  const areLogprobsAsked = typeof request.logprobs === "number";
  const isUsageAsked = request.stream_options?.include_usage === true;
  const head = { id, object: "text_completion", created: createdSeconds, model };
  const logprobs = createLogprobsCollector();
  let promptTokens: number | null = null;

  return {
    addEvent(data) {
      const event = JSON.parse(data) as CompletionResponse;
      promptTokens = event.usage?.prompt_tokens ?? promptTokens;
      const choice = event.choices[0];
      if (choice === undefined) return null;
      const added = areLogprobsAsked ? logprobs.add(choice.logprobs) : null;
      const value = {
        ...head,
        choices: [{ text: choice.text, index: 0, logprobs: added, finish_reason: presentFinishReason(choice.finish_reason) }],
        ...(isUsageAsked ? { usage: null } : {}),
      };
      return { value, hasContent: choice.text !== "" };
    },
    reportedPromptTokens: () => promptTokens,
    usageEvent: (usage) => (isUsageAsked ? { ...head, choices: [], usage: toUsage(usage) } : null),
    body(answer, usage) {
      if (answer.kind !== "text") throw new TypeError("a completion is text");
      return {
        ...head,
        choices: [
          {
            text: answer.text,
            index: 0,
            logprobs: areLogprobsAsked ? logprobs.all() : null,
            finish_reason: answer.finishReason === "unknown" ? "stop" : answer.finishReason,
          },
        ],
        usage: toUsage(usage),
      };
    },
  };
}

/** Plain completions in OpenAI's shape. */
export const completionPresenter: PresenterFactory = {
  idPrefix: "cmpl-",
  isStreamWanted: (request) => (request as CompletionRequest).stream === true,
  promptCharacters: (request) => (request as CompletionRequest).prompt.length,
  create,
};
