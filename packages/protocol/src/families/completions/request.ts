import { z } from "zod";
import { protocolLimits } from "../../limits.js";
import { notSupported } from "../text/openai-fields.js";
import { DEFAULT_MAX_TOKENS, textRequestShape } from "../text/text-parts.js";

// Many client libraries always send a list. Several prompts and token ids are taken apart by the gateway and come to no miner.
const promptSchema = z
  .custom<string | readonly [string]>(
    (prompt) => typeof prompt === "string" || (Array.isArray(prompt) && prompt.length === 1 && typeof prompt[0] === "string"),
    { error: "must be a text, a list of texts, token ids, or a list of lists of token ids, none of them empty", abort: true },
  )
  .transform((prompt) => (typeof prompt === "string" ? prompt : prompt[0]))
  .pipe(z.string().max(protocolLimits.contentCharacters));

/** Body of `POST /v1/completions`. Names, types and ranges of the known fields are OpenAI's; unknown fields pass through. */
export const completionRequestSchema = z.looseObject({
  ...textRequestShape,
  prompt: promptSchema,
  logprobs: z.int().min(0).max(protocolLimits.topLogprobs).nullish(),
  suffix: z.string().max(protocolLimits.contentCharacters).nullish(),
  best_of: notSupported("is not supported: use n", 1),
  echo: notSupported("is not supported", false),
});

/** A request that {@link completionRequestSchema} has parsed. */
export type CompletionRequest = z.infer<typeof completionRequestSchema>;

/** The output limit of a completion request in tokens. */
export function completionMaxTokens(request: CompletionRequest): number {
  return request.max_tokens ?? DEFAULT_MAX_TOKENS;
}

/** What an answer to a completion request may hold. */
export function completionBudget(request: CompletionRequest) {
  return { maxTokens: completionMaxTokens(request), topLogprobs: request.logprobs ?? null };
}
