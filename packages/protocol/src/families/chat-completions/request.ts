import { z } from "zod";
import { protocolLimits } from "../../limits.js";
import { chatFields, notSupported, toolCallSchema } from "../text/openai-fields.js";
import { isMissing } from "../text/read-fields.js";
import { DEFAULT_MAX_TOKENS, textRequestShape } from "../text/text-parts.js";

const contentPartSchema = z
  .looseObject({ type: z.string().max(64), text: z.string().max(protocolLimits.contentCharacters).optional() })
  .refine((part) => part.type !== "text" || part.text !== undefined, { path: ["text"], error: "a text part needs text" });

/** One message of a chat. Only an assistant's may have no content: it may have called a tool instead. */
export const chatMessageSchema = z
  .looseObject({
    role: z.enum(["system", "developer", "user", "assistant", "tool"]),
    content: z.union([z.string().max(protocolLimits.contentCharacters), z.array(contentPartSchema).max(256)]).nullish(),
    name: z.string().max(256).nullish(),
    tool_calls: z.array(toolCallSchema).max(128).nullish(),
    tool_call_id: z.string().max(256).nullish(),
    function_call: notSupported("is not supported: use tool_calls"),
  })
  .refine(({ role, content }) => role === "assistant" || (content !== null && content !== undefined), {
    path: ["content"],
    error: "is required",
  })
  .refine(({ role, tool_call_id: id }) => role !== "tool" || typeof id === "string", { path: ["tool_call_id"], error: "is required" });

/** A message that {@link chatMessageSchema} has parsed. */
export type ChatMessage = z.infer<typeof chatMessageSchema>;

/** Whether the answer is the rest of the last message. */
export function isContinued({ continue_final_message: isIt }: { readonly continue_final_message?: boolean | null | undefined }): boolean {
  return isIt === true;
}

/** Whether a message is the beginning of an answer. */
function isBegun(message: ChatMessage | undefined): boolean {
  return message?.role === "assistant" && chatMessageText(message) !== "";
}

/** Values of `tool_choice` that ask for nothing where there are no tools; clients send them with every request. */
function isNoChoice(choice: unknown): boolean {
  return choice === undefined || choice === null || choice === "none" || choice === "auto";
}

/**
 * Body of `POST /v1/chat/completions`. Names, types and ranges of the known fields are OpenAI's, so that a mistake is refused here and not by
 * a miner's model server; unknown fields pass through.
 */
export const chatRequestSchema = z
  .looseObject({
    ...textRequestShape,
    ...chatFields,
    messages: z.array(chatMessageSchema).min(1).max(protocolLimits.messages),
    max_completion_tokens: z.int().min(1).max(protocolLimits.outputTokens).nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().min(0).max(protocolLimits.topLogprobs).nullish(),
    // As vLLM and SGLang name them: the answer goes on where the last message ends.
    continue_final_message: z.boolean().nullish(),
    add_generation_prompt: z.boolean().nullish(),
  })
  .refine((request) => !isContinued(request) || isBegun(request.messages.at(-1)), {
    path: ["continue_final_message"],
    error: "needs an assistant's message with text at the end",
  })
  .refine((request) => isMissing(request.add_generation_prompt) || request.add_generation_prompt !== isContinued(request), {
    path: ["add_generation_prompt"],
    error: "must be the opposite of continue_final_message",
  })
  .refine(({ logprobs, top_logprobs: count }) => logprobs === true || (count ?? 0) === 0, {
    path: ["top_logprobs"],
    error: "needs logprobs to be true",
  })
  .refine(({ tools, tool_choice: choice }) => (tools?.length ?? 0) > 0 || isNoChoice(choice), {
    path: ["tool_choice"],
    error: "is only allowed with tools",
  });

/** A request that {@link chatRequestSchema} has parsed. */
export type ChatRequest = z.infer<typeof chatRequestSchema>;

/** Plain text of a message's content; parts that are not text are left out. */
export function chatMessageText(message: ChatMessage): string {
  const { content } = message;
  if (content === null || content === undefined) return "";
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("");
}

/** The output limit of a chat request in tokens. */
export function chatMaxTokens(request: ChatRequest): number {
  return request.max_completion_tokens ?? request.max_tokens ?? DEFAULT_MAX_TOKENS;
}

/** What an answer to a chat request may hold. */
export function chatBudget(request: ChatRequest) {
  return { maxTokens: chatMaxTokens(request), topLogprobs: request.top_logprobs ?? null };
}
