import type { AnswerIdentity, AnswerUsage } from "@vision/protocol";
import { type Block, type BlockStep, createBlockReader, type ShownToken } from "../answer-blocks.js";
import type { UserPresenter } from "../endpoint.js";
import type { ResponsesRequest } from "./request.js";

type Json = Readonly<Record<string, unknown>>;

const toLogprob = ({ token, alternatives }: ShownToken) => ({
  ...{ token: token.text, logprob: token.logprob, bytes: token.bytes },
  top_logprobs: alternatives.map(({ text, logprob, bytes }) => ({ token: text, logprob, bytes })),
});

const presentUsage = ({ promptTokens, completionTokens }: AnswerUsage) => ({
  input_tokens: promptTokens,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: completionTokens,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: promptTokens + completionTokens,
});

const itemPrefixes = { text: "msg", refusal: "msg", reasoning: "rs", toolCall: "fc" } as const;

/** What the response says of its request. */
function echo(request: ResponsesRequest): Json {
  return {
    ...{ background: false, error: null, instructions: request.instructions ?? null },
    ...{ max_output_tokens: request.max_output_tokens ?? null, max_tool_calls: null },
    ...{ parallel_tool_calls: request["parallel_tool_calls"] ?? true, previous_response_id: null },
    reasoning: { effort: request.reasoning?.effort ?? null, summary: request.reasoning?.summary ?? null },
    ...{ service_tier: "default", store: false, temperature: request["temperature"] ?? 1 },
    text: { format: request.text?.format ?? { type: "text" }, ...(request.text?.verbosity ? { verbosity: request.text.verbosity } : {}) },
    ...{ tool_choice: request.tool_choice ?? "auto", tools: request.tools ?? [], top_logprobs: request.top_logprobs ?? 0 },
    ...{ top_p: request["top_p"] ?? 1, truncation: "disabled", user: request["user"] ?? null, metadata: request["metadata"] ?? {} },
  };
}

/** A chat answer as the Responses API has it: items of output, and events that build them up. */
export function createResponsesPresenter({ id, createdSeconds, model }: AnswerIdentity, request: ResponsesRequest): UserPresenter {
  const suffix = id.slice(id.indexOf("_") + 1);
  const reader = createBlockReader((index) => `call_${suffix}_${index}`);
  const head = { id, object: "response", created_at: createdSeconds, model };
  const echoed = echo(request);
  // Whoever asks for a summary of the thoughts shows summaries; there is none but the thoughts themselves.
  const isSummaryAsked = typeof request.reasoning?.summary === "string";
  let sequence = 0;

  const event = (type: string, fields: Json) => {
    const json = JSON.stringify({ type, sequence_number: sequence, ...fields });
    sequence += 1;
    return `event: ${type}\ndata: ${json}\n\n`;
  };
  const itemId = ({ kind, index }: Block) => `${itemPrefixes[kind]}_${suffix}_${index}`;

  const toPart = ({ kind, text, tokens }: Block): Json => {
    switch (kind) {
      case "text":
        return { type: "output_text", text, annotations: [], logprobs: tokens.map(toLogprob) };
      case "refusal":
        return { type: "refusal", refusal: text };
      default:
        return { type: isSummaryAsked ? "summary_text" : "reasoning_text", text };
    }
  };
  const toItem = (block: Block, status: "in_progress" | "completed" | "incomplete", isEmpty = false): Json => {
    const item = { id: itemId(block), status };
    const parts = isEmpty ? [] : [toPart(block)];
    if (block.call !== null) {
      const { id: callId, name } = block.call;
      return { type: "function_call", ...item, call_id: callId, name, arguments: isEmpty ? "" : block.text };
    }
    if (block.kind !== "reasoning") return { type: "message", ...item, role: "assistant", content: parts };
    return { type: "reasoning", ...item, ...(isSummaryAsked ? { summary: parts } : { summary: [], content: parts }) };
  };

  const partFields = (block: Block): Json => ({
    item_id: itemId(block),
    output_index: block.index,
    ...(block.kind === "reasoning" && isSummaryAsked ? { summary_index: 0 } : { content_index: 0 }),
  });
  const names = (block: Block) => {
    if (block.kind === "text") return { part: "content_part", text: "output_text" };
    if (block.kind === "refusal") return { part: "content_part", text: "refusal" };
    return isSummaryAsked
      ? { part: "reasoning_summary_part", text: "reasoning_summary_text" }
      : { part: "content_part", text: "reasoning_text" };
  };

  const opened = (block: Block): string => {
    const item = event("response.output_item.added", { output_index: block.index, item: toItem(block, "in_progress", true) });
    if (block.kind === "toolCall") return item;
    const part = toPart({ ...block, text: "", tokens: [] });
    return `${item}${event(`response.${names(block).part}.added`, { ...partFields(block), part })}`;
  };
  const grown = (block: Block, delta: string, tokens: readonly ShownToken[]): string => {
    if (block.kind === "toolCall") {
      return event("response.function_call_arguments.delta", { item_id: itemId(block), output_index: block.index, delta });
    }
    const logprobs = block.kind === "text" ? { logprobs: tokens.map(toLogprob) } : {};
    return event(`response.${names(block).text}.delta`, { ...partFields(block), delta, ...logprobs });
  };
  const closed = (block: Block): string => {
    const fields = { item_id: itemId(block), output_index: block.index };
    const done = () => event("response.output_item.done", { output_index: block.index, item: toItem(block, "completed") });
    if (block.call !== null) {
      const { name } = block.call;
      return `${event("response.function_call_arguments.done", { ...fields, name, arguments: block.text })}${done()}`;
    }
    const part = toPart(block);
    const whole = block.kind === "refusal" ? { refusal: block.text } : { text: block.text };
    const logprobs = block.kind === "text" ? { logprobs: part["logprobs"] } : {};
    return [
      event(`response.${names(block).text}.done`, { ...partFields(block), ...whole, ...logprobs }),
      event(`response.${names(block).part}.done`, { ...partFields(block), part }),
      done(),
    ].join("");
  };
  const present = (step: BlockStep): string => {
    switch (step.kind) {
      case "open":
        return opened(step.block);
      case "grow":
        return grown(step.block, step.text, step.tokens);
      case "close":
        return closed(step.block);
    }
  };

  const response = (state: Json, output: readonly Json[]) => ({
    ...head,
    ...echoed,
    incomplete_details: null,
    usage: null,
    ...state,
    output,
  });
  const started = () => {
    if (sequence > 0) return "";
    const fields = { response: response({ status: "in_progress", incomplete_details: null, usage: null }, []) };
    return `${event("response.created", fields)}${event("response.in_progress", fields)}`;
  };
  const finished = (usage: AnswerUsage) => {
    const reasons = { length: "max_output_tokens", content_filter: "content_filter" } as const;
    const { finishReason } = reader;
    const reason = finishReason === "length" || finishReason === "content_filter" ? reasons[finishReason] : null;
    const status = reason === null ? "completed" : "incomplete";
    const last = reader.blocks.length - 1;
    const output = reader.blocks.map((block) => toItem(block, block.index === last ? status : "completed"));
    return response({ status, incomplete_details: reason === null ? null : { reason }, usage: presentUsage(usage) }, output);
  };

  return {
    areTokensShown: true,
    addParts(parts) {
      const steps = reader.add(parts);
      const text = `${started()}${steps.map(present).join("")}`;
      return text === "" ? null : { text, hasContent: steps.length > 0 };
    },
    end(usage) {
      const rest = `${started()}${reader.close().map(present).join("")}`;
      const whole = finished(usage);
      return `${rest}${event(whole.incomplete_details === null ? "response.completed" : "response.incomplete", { response: whole })}`;
    },
    endFailed({ error }) {
      // Both shapes in use: the reference's, and the one that OpenAI's clients raise.
      const { type = null, code = null, message, param = null } = error;
      return event("error", { code, message, param, error: { type, code, message, param } });
    },
    choice: () => null,
    body: (_choices, usage) => finished(usage),
  };
}
