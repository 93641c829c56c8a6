import { parseBody, unsupported } from "../parse-body.js";
import { findUnsupported } from "./find-unsupported.js";
import { type ResponsesRequest, responsesRequestSchema } from "./request.js";

type Content = Exclude<Extract<ResponsesRequest["input"], readonly unknown[]>[number], { type: "reasoning" }>;
type MessageContent = Extract<Content, { role: string }>["content"];
type ChatMessage = Record<string, unknown>;

/** Fields that the translation takes up, and those that say nothing to a model. All others pass through. */
const ownFields: ReadonlySet<string> = new Set([
  ...["input", "instructions", "max_output_tokens", "tools", "tool_choice", "text", "reasoning", "include", "top_logprobs"],
  ...["previous_response_id", "conversation", "prompt", "store", "background", "truncation", "max_tool_calls", "n", "stream_options"],
]);

function toContent(content: MessageContent): unknown {
  if (typeof content === "string") return content;
  const parts = content.map((part) => {
    switch (part.type) {
      case "refusal":
        return { type: "text", text: part.refusal };
      case "input_image":
        return { type: "image_url", image_url: { url: part.image_url, ...(part.detail ? { detail: part.detail } : {}) } };
      default:
        return { type: "text", text: part.text };
    }
  });
  // One text, as a plain chat sends it.
  return parts.every(({ type }) => type === "text") ? parts.map((part) => ("text" in part ? part.text : "")).join("") : parts;
}

/** Thoughts are left out: they are the model's own, and no template of an open model takes them up again. */
function toMessages({ instructions, input }: ResponsesRequest): readonly ChatMessage[] {
  const messages: ChatMessage[] = instructions ? [{ role: "system", content: instructions }] : [];
  if (typeof input === "string") return [...messages, { role: "user", content: input }];
  let calling: { tool_calls: unknown[] } | null = null;
  for (const item of input) {
    if (item.type === "reasoning") continue;
    if (item.type === "function_call") {
      const call = { id: item.call_id, type: "function", function: { name: item.name, arguments: item.arguments } };
      const last = messages.at(-1);
      if (calling !== null) calling.tool_calls.push(call);
      else {
        calling = { tool_calls: [call] };
        // A model says something and calls in one message.
        if (last?.["role"] === "assistant") Object.assign(last, calling);
        else messages.push({ role: "assistant", content: null, ...calling });
      }
      continue;
    }
    calling = null;
    if (item.type === "function_call_output") {
      messages.push({ role: "tool", tool_call_id: item.call_id, content: toContent(item.output) });
      continue;
    }
    messages.push({ role: item.role, content: toContent(item.content) });
  }
  return messages;
}

function toToolChoice(choice: ResponsesRequest["tool_choice"]): unknown {
  if (choice === null || choice === undefined || typeof choice === "string") return choice;
  if (choice.type === "function") return { type: "function", function: { name: choice.name } };
  const tools = choice.tools.map(({ name }) => ({ type: "function", function: { name } }));
  return { type: "allowed_tools", allowed_tools: { mode: choice.mode, tools } };
}

function toResponseFormat(format: NonNullable<ResponsesRequest["text"]>["format"]): unknown {
  if (format?.type !== "json_schema") return format;
  const { type, ...schema } = format;
  return { type, json_schema: schema };
}

function toTool({ type, ...definition }: NonNullable<ResponsesRequest["tools"]>[number]) {
  return { type, function: definition };
}

const given = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

/**
 * A body of the Responses API.
 *
 * @throws {@link ApiError} 400 naming the field; `unsupported` for what would need something kept here, or a tool run here.
 */
export function readResponsesRequest(body: unknown): ResponsesRequest {
  const impossible = findUnsupported(body);
  if (impossible !== null) throw unsupported(impossible.param, impossible.message);
  return parseBody(responsesRequestSchema, body);
}

/** The chat request that it stands for. */
export function toChatBody(request: ResponsesRequest): unknown {
  const areLogprobsAsked = request.include?.includes("message.output_text.logprobs") === true || (request.top_logprobs ?? 0) > 0;
  return {
    ...Object.fromEntries(Object.entries(request).filter(([name]) => !ownFields.has(name))),
    messages: toMessages(request),
    ...given({
      max_completion_tokens: request.max_output_tokens,
      tools: request.tools?.map(toTool),
      tool_choice: toToolChoice(request.tool_choice),
      response_format: toResponseFormat(request.text?.format),
      verbosity: request.text?.verbosity,
      reasoning_effort: request.reasoning?.effort,
      top_logprobs: request.top_logprobs,
    }),
    ...(areLogprobsAsked ? { logprobs: true } : {}),
  };
}
