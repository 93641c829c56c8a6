import { protocolLimits } from "../../limits.js";
import { type BegunAnswer, defineFamily, type NormaliseOptions } from "../family.js";
import { otherFields } from "../other-fields.js";
import { textReplyLimits } from "../text/answer-budget.js";
import { type CapabilityUse, findMissingCapability, textCapabilityUses } from "../text/find-unsupported.js";
import { restOfTextRequest } from "../text/rest-of-request.js";
import {
  DEFAULT_MAX_TOKENS,
  DEFAULT_TEMPERATURE,
  isPlainTextRequest,
  mostTextAnswerBytes,
  streamFields,
  textWorkUnits,
} from "../text/text-parts.js";
import { createCompletionCollector } from "./collect.js";
import { createCompletionPresenter } from "./present.js";
import { countCompletions, promptTokenIds, splitCompletion } from "./prompts.js";
import { type CompletionRequest, completionBudget, completionMaxTokens, completionRequestSchema } from "./request.js";

const ownFields = ["model", "prompt", "max_tokens", "temperature", "seed", "stream", "stream_options", "logprobs", "n"] as const;

function normalise(request: CompletionRequest, { task, fallbackSeed, fallbackMaxTokens }: NormaliseOptions): CompletionRequest {
  return {
    model: task.id,
    prompt: request.prompt,
    max_tokens: request.max_tokens ?? fallbackMaxTokens ?? DEFAULT_MAX_TOKENS,
    temperature: request.temperature ?? DEFAULT_TEMPERATURE,
    seed: request.seed ?? fallbackSeed,
    ...streamFields,
    // The number of alternatives; the chosen token's own logprob comes with any number.
    logprobs: Math.max(1, request.logprobs ?? 1),
    ...otherFields(request, ownFields),
  };
}

const PREFIX_CHARACTERS = 256;

function capabilityUses(request: CompletionRequest): readonly CapabilityUse[] {
  const uses = textCapabilityUses(request);
  return request.suffix ? [...uses, { capability: "suffix", param: "suffix", what: "text after the answer" }] : uses;
}

function continueAnswer(request: CompletionRequest, begun: BegunAnswer): CompletionRequest | null {
  const rest = restOfTextRequest(request, begun, completionMaxTokens(request));
  return rest === null || request.suffix ? null : { ...request, ...rest, prompt: request.prompt + begun.text };
}

/** Plain completions: volume in output tokens. */
export const completions = defineFamily<CompletionRequest>()({
  name: "completions",
  operation: "text_completion",
  path: "/v1/completions",
  fileFields: [],
  workUnit: "tokens",
  isStreamable: true,
  capabilities: ["logit-bias", "sampling", "suffix"],
  hasLogprobs: true,
  mostAnswers: protocolLimits.answers,
  idPrefix: "cmpl-",
  requestSchema: completionRequestSchema,
  smallRequest: (model) => ({ model, prompt: "Hello", max_tokens: 8, temperature: 0, seed: 1 }),
  withLogprobs: (request) => ({ ...request, logprobs: request.logprobs ?? 1 }),
  findUnsupported: (request, task) => findMissingCapability(capabilityUses(request), task),
  countAnswers: countCompletions,
  split: splitCompletion,
  promptTokenIds,
  withPromptText: (body, text) => ({ ...body, prompt: text }),
  isStreamWanted: (request) => request.stream === true,
  promptText: (request) => request.prompt,
  // Where its later requests add to a prompt is not to be seen; a cache is of use for a beginning of some length only.
  conversationPrefix: (request) => request.prompt.slice(0, PREFIX_CHARACTERS),
  continueAnswer,
  namedLimitField: (request) => (typeof request.max_tokens === "number" ? "max_tokens" : null),
  maxWorkUnits: completionMaxTokens,
  normalise,
  isPlain: isPlainTextRequest,
  replyLimits: (request) => textReplyLimits(completionBudget(request)),
  mostAnswerBytes: (request) => mostTextAnswerBytes(completionMaxTokens(request)),
  createCollector: createCompletionCollector,
  workUnits: (request, answer) => textWorkUnits(answer, completionMaxTokens(request)),
  createPresenter: createCompletionPresenter,
});
