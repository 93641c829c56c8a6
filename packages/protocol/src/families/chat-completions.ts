import { z } from "zod";
import { protocolLimits } from "../limits.js";
import { textReplyLimits } from "./answer-budget.js";
import type { AnswerCollector, ClaimedToken, TaskFamily } from "./family.js";
import { chatFields, toolCallSchema } from "./openai-fields.js";
import { createTextCollector } from "./text-collector.js";
import { bytesOfText, countTokens, DEFAULT_MAX_TOKENS, logprobSchema, textRequestShape, usageSchema } from "./text-parts.js";

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
  })
  .refine(({ role, content }) => role === "assistant" || (content !== null && content !== undefined), {
    path: ["content"],
    error: "is required",
  })
  .refine(({ role, tool_call_id: id }) => role !== "tool" || typeof id === "string", { path: ["tool_call_id"], error: "is required" });

/** A message that {@link chatMessageSchema} has parsed. */
export type ChatMessage = z.infer<typeof chatMessageSchema>;

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
  })
  .refine(({ logprobs, top_logprobs: count }) => logprobs === true || (count ?? 0) === 0, {
    path: ["top_logprobs"],
    error: "needs logprobs to be true",
  });

/** A request that {@link chatRequestSchema} has parsed. */
export type ChatRequest = z.infer<typeof chatRequestSchema>;

const tokenLogprobSchema = z.looseObject({
  token: z.string().max(4096),
  logprob: logprobSchema,
  bytes: z.array(z.int().min(0).max(255)).max(4096).nullish(),
  top_logprobs: z.array(z.unknown()).nullish(),
});

const logprobsSchema = z.looseObject({ content: z.array(tokenLogprobSchema).nullish() }).nullish();

/** One `chat.completion.chunk` event of a streamed answer. */
export const chatChunkSchema = z.looseObject({
  id: z.string().max(256).nullish(),
  choices: z
    .array(
      z.looseObject({
        index: z.int().min(0).nullish(),
        delta: z.looseObject({ role: z.string().nullish(), content: z.string().nullish() }).nullish(),
        logprobs: logprobsSchema,
        finish_reason: z.string().max(64).nullish(),
      }),
    )
    .max(8),
  usage: usageSchema.nullish(),
});

/** A whole `chat.completion` body. */
export const chatResponseSchema = z.looseObject({
  id: z.string().max(256).nullish(),
  choices: z
    .array(
      z.looseObject({
        index: z.int().min(0).nullish(),
        message: z.looseObject({ role: z.string().nullish(), content: z.string().nullish() }),
        logprobs: logprobsSchema,
        finish_reason: z.string().max(64).nullish(),
      }),
    )
    .min(1)
    .max(8),
  usage: usageSchema.nullish(),
});

/** A streamed event that {@link chatChunkSchema} has parsed. */
export type ChatChunk = z.infer<typeof chatChunkSchema>;
/** A body that {@link chatResponseSchema} has parsed. */
export type ChatResponse = z.infer<typeof chatResponseSchema>;

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

type TokenLogprob = z.infer<typeof tokenLogprobSchema>;

function toClaimedToken(entry: TokenLogprob): ClaimedToken {
  return { bytes: entry.bytes ?? bytesOfText(entry.token), text: entry.token, logprob: entry.logprob };
}

function budgetOf(request: ChatRequest) {
  return { maxTokens: chatMaxTokens(request), topLogprobs: request.top_logprobs ?? null };
}

function createChatCollector(request: ChatRequest): AnswerCollector {
  const collector = createTextCollector(budgetOf(request));
  const add = (text: string | null | undefined, entries: readonly TokenLogprob[], finishReason: string | null | undefined) =>
    collector.add({
      text,
      tokens: entries.map(toClaimedToken),
      entryCount: entries.length,
      alternatives: entries.reduce((most, entry) => Math.max(most, entry.top_logprobs?.length ?? 0), 0),
      finishReason,
    });

  return {
    ...collector,
    addEvent(event) {
      const parsed = chatChunkSchema.safeParse(event);
      if (!parsed.success) return `not a chat.completion.chunk: ${z.prettifyError(parsed.error).slice(0, 300)}`;
      const choice = parsed.data.choices[0];
      return choice === undefined ? null : add(choice.delta?.content, choice.logprobs?.content ?? [], choice.finish_reason);
    },
    addBody(body) {
      const parsed = chatResponseSchema.safeParse(body);
      if (!parsed.success) return `not a chat.completion: ${z.prettifyError(parsed.error).slice(0, 300)}`;
      const choice = parsed.data.choices[0];
      return choice === undefined ? null : add(choice.message.content, choice.logprobs?.content ?? [], choice.finish_reason ?? "unknown");
    },
  };
}

/** Chat completions: volume in output tokens. */
export const chatCompletions: TaskFamily<ChatRequest> = {
  name: "chat-completions",
  path: "/v1/chat/completions",
  workUnit: "tokens",
  isStreamable: true,
  requestSchema: chatRequestSchema,
  maxWorkUnits: chatMaxTokens,
  workUnits: (request, answer) => (answer.kind === "text" ? Math.min(countTokens(answer.tokens, answer.text), chatMaxTokens(request)) : 0),
  replyLimits: (request) => textReplyLimits(budgetOf(request)),
  createCollector: createChatCollector,
  smallRequest: (model) => ({ model, messages: [{ role: "user", content: "Hello" }], max_tokens: 8, temperature: 0, seed: 1 }),
};
