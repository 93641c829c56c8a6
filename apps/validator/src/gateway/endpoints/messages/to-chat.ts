import { parseBody, unsupported } from "../parse-body.js";
import { findUnsupported } from "./find-unsupported.js";
import { type MessagesRequest, messagesRequestSchema } from "./request.js";

type Message = MessagesRequest["messages"][number];
type Block = Exclude<Message["content"], string>[number];
type Shown = Extract<Block, { type: "text" | "image" }>;
type ChatMessage = Readonly<Record<string, unknown>>;

/** Fields that the translation takes up, and those that say nothing to a model. All others pass through. */
const ownFields: ReadonlySet<string> = new Set([
  ...["messages", "system", "max_tokens", "stop_sequences", "tools", "tool_choice", "thinking", "metadata"],
  ...["container", "mcp_servers", "context_management", "service_tier", "betas", "cache_control"],
]);

/** Budgets of thoughts up to which an effort goes, tokens. */
const EFFORTS = [
  ["low", 4_096],
  ["medium", 16_384],
] as const;

function toPart(block: Shown) {
  if (block.type === "text") return { type: "text", text: block.text };
  const { source } = block;
  return { type: "image_url", image_url: { url: source.type === "url" ? source.url : `data:${source.media_type};base64,${source.data}` } };
}

/** One text, as a plain chat sends it; a list where there are pictures. */
function toContent(blocks: readonly Shown[]): unknown {
  return blocks.every(({ type }) => type === "text")
    ? blocks.map((block) => (block.type === "text" ? block.text : "")).join("")
    : blocks.map(toPart);
}

function toResult({ tool_use_id: id, content, is_error: isError }: Extract<Block, { type: "tool_result" }>): ChatMessage {
  const said = typeof content === "string" ? content : toContent(content ?? []);
  return { role: "tool", tool_call_id: id, content: isError === true && typeof said === "string" ? `Error: ${said}` : said };
}

function fromUser(blocks: readonly Block[]): readonly ChatMessage[] {
  const messages: ChatMessage[] = [];
  let shown: Shown[] = [];
  const flush = () => {
    if (shown.length > 0) messages.push({ role: "user", content: toContent(shown) });
    shown = [];
  };
  for (const block of blocks) {
    if (block.type === "text" || block.type === "image") shown.push(block);
    else if (block.type === "tool_result") {
      flush();
      messages.push(toResult(block));
    }
  }
  flush();
  return messages;
}

/** Thoughts are left out: they are the model's own, and no template of an open model takes them up again. */
function fromAssistant(blocks: readonly Block[]): ChatMessage {
  const said = blocks.flatMap((block) => (block.type === "text" ? [block.text] : []));
  const calls = blocks.flatMap((block) =>
    block.type === "tool_use"
      ? [{ id: block.id, type: "function", function: { name: block.name, arguments: JSON.stringify(block.input) } }]
      : [],
  );
  const content = said.length === 0 && calls.length > 0 ? null : said.join("");
  return { role: "assistant", content, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
}

function toMessages({ system, messages }: MessagesRequest): readonly ChatMessage[] {
  const instructions = typeof system === "string" ? system : (system ?? []).map((block) => block.text).join("\n\n");
  const chat = messages.flatMap(({ role, content }): readonly ChatMessage[] => {
    if (typeof content === "string") return [{ role, content }];
    return role === "user" ? fromUser(content) : [fromAssistant(content)];
  });
  return instructions === "" ? chat : [{ role: "system", content: instructions }, ...chat];
}

function toToolChoice(choice: MessagesRequest["tool_choice"]) {
  if (choice === null || choice === undefined) return {};
  const names = { auto: "auto", any: "required", none: "none" } as const;
  const chosen = choice.type === "tool" ? { type: "function", function: { name: choice.name } } : names[choice.type];
  return { tool_choice: chosen, ...(choice.disable_parallel_tool_use === true ? { parallel_tool_calls: false } : {}) };
}

function toEffort(thinking: MessagesRequest["thinking"]) {
  if (thinking?.type !== "enabled") return {};
  const { budget_tokens: budget } = thinking;
  return { reasoning_effort: EFFORTS.find(([, most]) => budget <= most)?.[0] ?? "high" };
}

/**
 * The chat request that a body of the Messages API stands for.
 *
 * @throws {@link ApiError} 400 naming the field; `unsupported` for what would need something kept here, or a tool run here.
 */
export function toChatBody(body: unknown): unknown {
  const impossible = findUnsupported(body);
  if (impossible !== null) throw unsupported(impossible.param, impossible.message);
  const request = parseBody(messagesRequestSchema, body);
  const { tools, stop_sequences: stop, metadata } = request;
  return {
    ...Object.fromEntries(Object.entries(request).filter(([name]) => !ownFields.has(name))),
    messages: toMessages(request),
    ...(request.messages.at(-1)?.role === "assistant" ? { continue_final_message: true, add_generation_prompt: false } : {}),
    max_completion_tokens: request.max_tokens,
    ...(stop && stop.length > 0 ? { stop } : {}),
    ...(metadata?.user_id ? { user: metadata.user_id } : {}),
    ...(tools && tools.length > 0
      ? {
          tools: tools.map(({ name, description, input_schema: parameters, strict }) => ({
            type: "function",
            function: { name, ...(description ? { description } : {}), parameters, ...(strict ? { strict } : {}) },
          })),
        }
      : {}),
    ...toToolChoice(request.tool_choice),
    ...toEffort(request.thinking),
  };
}
