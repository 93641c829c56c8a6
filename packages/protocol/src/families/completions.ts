import { z } from "zod";
import { protocolLimits } from "../limits.js";
import { textReplyLimits } from "./answer-budget.js";
import type { AnswerCollector, TaskFamily } from "./family.js";
import { createTextCollector } from "./text-collector.js";
import { bytesOfText, countTokens, DEFAULT_MAX_TOKENS, logprobSchema, textRequestShape, usageSchema } from "./text-parts.js";

/** Body of `POST /v1/completions`. Names, types and ranges of the known fields are OpenAI's; unknown fields pass through. */
export const completionRequestSchema = z.looseObject({
  ...textRequestShape,
  prompt: z.string().max(protocolLimits.contentCharacters),
  logprobs: z.int().min(0).max(protocolLimits.topLogprobs).nullish(),
  suffix: z.string().max(protocolLimits.contentCharacters).nullish(),
  best_of: z.literal(1, { error: "only best_of = 1 is supported" }).nullish(),
  echo: z.literal(false, { error: "echo is not supported" }).nullish(),
});

/** A request that {@link completionRequestSchema} has parsed. */
export type CompletionRequest = z.infer<typeof completionRequestSchema>;

const completionLogprobsSchema = z
  .looseObject({
    tokens: z.array(z.string().max(4096)).nullish(),
    token_logprobs: z.array(logprobSchema.nullable()).nullish(),
    /** Extension: the bytes of each token, because text cannot carry a part of a character. */
    token_bytes: z.array(z.array(z.int().min(0).max(255)).max(4096)).nullish(),
    top_logprobs: z.array(z.record(z.string(), z.unknown()).nullable()).nullish(),
  })
  .nullish();

/** A `text_completion` object: a whole body, or one event of a stream. */
export const completionResponseSchema = z.looseObject({
  id: z.string().max(256).nullish(),
  choices: z
    .array(
      z.looseObject({
        index: z.int().min(0).nullish(),
        text: z.string(),
        logprobs: completionLogprobsSchema,
        finish_reason: z.string().max(64).nullish(),
      }),
    )
    .max(8),
  usage: usageSchema.nullish(),
});

/** A body or event that {@link completionResponseSchema} has parsed. */
export type CompletionResponse = z.infer<typeof completionResponseSchema>;

/** The output limit of a completion request in tokens. */
export function completionMaxTokens(request: CompletionRequest): number {
  return request.max_tokens ?? DEFAULT_MAX_TOKENS;
}

function budgetOf(request: CompletionRequest) {
  return { maxTokens: completionMaxTokens(request), topLogprobs: request.logprobs ?? null };
}

function createCompletionCollector(request: CompletionRequest): AnswerCollector {
  const collector = createTextCollector(budgetOf(request));
  const add = (value: unknown, isWhole: boolean): string | null => {
    const parsed = completionResponseSchema.safeParse(value);
    if (!parsed.success) return `not a text_completion: ${z.prettifyError(parsed.error).slice(0, 300)}`;
    const choice = parsed.data.choices[0];
    if (choice === undefined) return isWhole ? "not a text_completion: no choices" : null;
    const { tokens = null, token_logprobs: logprobs = null, token_bytes: bytes = null, top_logprobs = null } = choice.logprobs ?? {};
    const alternatives = top_logprobs ?? [];
    return collector.add({
      text: choice.text,
      tokens: (tokens ?? []).map((text, index) => ({
        bytes: bytes?.[index] ?? bytesOfText(text),
        text,
        logprob: logprobs?.[index] ?? null,
      })),
      entryCount: Math.max(tokens?.length ?? 0, logprobs?.length ?? 0, bytes?.length ?? 0, alternatives.length),
      alternatives: alternatives.reduce((most, entry) => Math.max(most, Object.keys(entry ?? {}).length), 0),
      finishReason: choice.finish_reason ?? (isWhole ? "unknown" : null),
    });
  };
  return { ...collector, addEvent: (event) => add(event, false), addBody: (body) => add(body, true) };
}

/** Plain completions: volume in output tokens. */
export const completions: TaskFamily<CompletionRequest> = {
  name: "completions",
  path: "/v1/completions",
  workUnit: "tokens",
  isStreamable: true,
  requestSchema: completionRequestSchema,
  maxWorkUnits: completionMaxTokens,
  workUnits: (request, answer) =>
    answer.kind === "text" ? Math.min(countTokens(answer.tokens, answer.text), completionMaxTokens(request)) : 0,
  replyLimits: (request) => textReplyLimits(budgetOf(request)),
  createCollector: createCompletionCollector,
  smallRequest: (model) => ({ model, prompt: "Hello", max_tokens: 8, temperature: 0, seed: 1 }),
};
