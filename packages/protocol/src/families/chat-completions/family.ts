import { protocolLimits } from "../../limits.js";
import { type BegunAnswer, defineFamily, type NormaliseOptions, type RequestBody, type Unsupported } from "../family.js";
import { otherFields } from "../other-fields.js";
import { textReplyLimits } from "../text/answer-budget.js";
import { type CapabilityUse, findMissingCapability, textCapabilityUses } from "../text/find-unsupported.js";
import { restOfTextRequest } from "../text/rest-of-request.js";
import { countByNumber, splitByNumber } from "../text/split-request.js";
import {
  DEFAULT_MAX_TOKENS,
  DEFAULT_TEMPERATURE,
  isPlainTextRequest,
  mostTextAnswerBytes,
  streamFields,
  textWorkUnits,
} from "../text/text-parts.js";
import { createChatCollector } from "./collect.js";
import { createChatPresenter } from "./present.js";
import { type ChatRequest, chatBudget, chatMaxTokens, chatMessageText, chatRequestSchema, isContinued } from "./request.js";

const ownFields = [
  "model",
  "messages",
  "max_tokens",
  "max_completion_tokens",
  "temperature",
  "seed",
  "stream",
  "stream_options",
  "logprobs",
  "n",
] as const;

function normalise(request: ChatRequest, { task, fallbackSeed, fallbackMaxTokens }: NormaliseOptions): ChatRequest {
  return {
    model: task.id,
    messages: request.messages,
    max_tokens: request.max_completion_tokens ?? request.max_tokens ?? fallbackMaxTokens ?? DEFAULT_MAX_TOKENS,
    temperature: request.temperature ?? DEFAULT_TEMPERATURE,
    seed: request.seed ?? fallbackSeed,
    ...streamFields,
    logprobs: true,
    // Servers open a new message by default, and refuse to do both.
    ...otherFields(isContinued(request) ? { ...request, add_generation_prompt: false } : request, ownFields),
  };
}

function capabilityUses(request: ChatRequest): readonly CapabilityUse[] {
  const uses = [...textCapabilityUses(request)];
  const pictures = request.messages.findIndex(({ content }) => Array.isArray(content) && content.some(({ type }) => type !== "text"));
  if (pictures !== -1) uses.push({ capability: "pictures", param: `messages[${pictures}].content`, what: "pictures" });
  const calls = request.messages.findIndex((message) => message.role === "tool" || (message.tool_calls?.length ?? 0) > 0);
  if (calls !== -1) uses.push({ capability: "tools", param: `messages[${calls}]`, what: "calls of tools" });
  if ((request.tools?.length ?? 0) > 0) uses.push({ capability: "tools", param: "tools", what: "tools" });
  if (isContinued(request)) uses.push({ capability: "continuation", param: "continue_final_message", what: "beginnings of an answer" });
  const format = request.response_format?.type ?? "text";
  if (format !== "text") uses.push({ capability: "json", param: "response_format", what: "format but text" });
  return uses;
}

/** What no task answers with, whatever it says of itself. */
function findImpossible(request: ChatRequest): Unsupported | null {
  const { audio, modalities, web_search_options: search } = request;
  const message = "is not supported: answers are text, by the model alone";
  if (audio !== undefined && audio !== null) return { param: "audio", message };
  if (modalities?.some((modality) => modality !== "text") === true) return { param: "modalities", message };
  return search === undefined || search === null ? null : { param: "web_search_options", message };
}

const PREFIX_CHARACTERS = 4_096;

/** All messages up to the user's first: later requests of the conversation repeat it and add to it. */
function conversationPrefix({ messages }: ChatRequest): string {
  const first = messages.findIndex(({ role }) => role === "user");
  const opening = first === -1 ? messages : messages.slice(0, first + 1);
  return opening.map(chatMessageText).join("\n").slice(0, PREFIX_CHARACTERS);
}

function continueAnswer(request: ChatRequest, begun: BegunAnswer): ChatRequest | null {
  const rest = restOfTextRequest(request, begun, chatMaxTokens(request));
  if (rest === null) return null;
  const last = request.messages.at(-1);
  const isRest = isContinued(request) && last !== undefined;
  const before = isRest ? request.messages.slice(0, -1) : request.messages;
  const said = isRest ? chatMessageText(last) : "";
  const messages = [...before, { role: "assistant" as const, content: said + begun.text }];
  const { max_completion_tokens: _, ...other } = request;
  return { ...other, ...rest, messages, continue_final_message: true, add_generation_prompt: false };
}

const limitFields = ["max_completion_tokens", "max_tokens"] as const;

/** Chat completions: volume in output tokens. */
export const chatCompletions = defineFamily<ChatRequest>()({
  name: "chat-completions",
  operation: "chat",
  path: "/v1/chat/completions",
  fileFields: [],
  workUnit: "tokens",
  isStreamable: true,
  capabilities: ["tools", "json", "pictures", "logit-bias", "sampling", "continuation"],
  hasLogprobs: true,
  mostAnswers: protocolLimits.answers,
  idPrefix: "chatcmpl-",
  requestSchema: chatRequestSchema,
  smallRequest: (model) => ({ model, messages: [{ role: "user", content: "Hello" }], max_tokens: 8, temperature: 0, seed: 1 }),
  withLogprobs: (request) => ({ ...request, logprobs: request.logprobs ?? true }),
  findUnsupported: (request, task) => findImpossible(request) ?? findMissingCapability(capabilityUses(request), task),
  countAnswers: countByNumber,
  split: (body) => [splitByNumber(body)],
  promptTokenIds: () => null,
  withPromptText: (body) => body,
  isStreamWanted: (request) => request.stream === true,
  promptText: (request) => request.messages.map(chatMessageText).join(""),
  conversationPrefix,
  continueAnswer,
  namedLimitField: (request: RequestBody) => limitFields.find((name) => typeof request[name] === "number") ?? null,
  maxWorkUnits: chatMaxTokens,
  normalise,
  isPlain: isPlainTextRequest,
  replyLimits: (request) => textReplyLimits(chatBudget(request)),
  mostAnswerBytes: (request) => mostTextAnswerBytes(chatMaxTokens(request)),
  createCollector: createChatCollector,
  workUnits: (request, answer) => textWorkUnits(answer, chatMaxTokens(request)),
  createPresenter: createChatPresenter,
});
