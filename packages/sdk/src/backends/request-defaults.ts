import {
  type ChatRequest,
  type CompletionRequest,
  chatMaxTokens,
  completionMaxTokens,
  DEFAULT_IMAGE_STEPS,
  DEFAULT_MAX_TOKENS,
  readSamplingRules,
  type SamplingRules,
} from "@vision/protocol";

/**
 * What the backends in this process take for a field that a request leaves out. The validator always sends them; these are for users.
 *
 * `temperature` 1 and whole-distribution sampling are OpenAI's defaults. `guidanceScale` 3 is what the embedded image model was tuned for.
 */
export const requestDefaults = {
  temperature: 1,
  maxTokens: DEFAULT_MAX_TOKENS,
  imageSteps: DEFAULT_IMAGE_STEPS,
  guidanceScale: 3,
} as const;

/** How to sample a text answer. */
export type TextSampling = {
  /** At least 1. */
  readonly maxTokens: number;
  /** 0 takes the most likely token. */
  readonly temperature: number;
  /** 0 to 2^31 - 1. */
  readonly seed: number;
  /** All that the request says about drawing: truncation, penalties, biases. `createTokenSampler` follows them. */
  readonly rules: SamplingRules;
  /** Alternatives to report for each token; 0 for none. */
  readonly topLogprobs: number;
  readonly stop: readonly string[];
  readonly hasLogprobs: boolean;
  readonly hasUsage: boolean;
};

/**
 * Sampling of a chat request. Logprobs are left out only where the request says `logprobs: false`: an answer without them cannot be checked.
 *
 * @param fallbackSeed - Seed for a request that names none.
 */
export function chatSampling(request: ChatRequest, fallbackSeed: number): TextSampling {
  return {
    ...sharedSampling(request, fallbackSeed),
    maxTokens: chatMaxTokens(request),
    topLogprobs: request.top_logprobs ?? 0,
    hasLogprobs: request.logprobs !== false,
  };
}

/**
 * Sampling of a completion request. `logprobs: n` asks for n alternatives; the chosen token's logprob is always there.
 *
 * @param fallbackSeed - Seed for a request that names none.
 */
export function completionSampling(request: CompletionRequest, fallbackSeed: number): TextSampling {
  return {
    ...sharedSampling(request, fallbackSeed),
    maxTokens: completionMaxTokens(request),
    topLogprobs: request.logprobs ?? 0,
    hasLogprobs: true,
  };
}

function sharedSampling(request: ChatRequest | CompletionRequest, fallbackSeed: number) {
  const { stop } = request;
  return {
    temperature: request.temperature ?? requestDefaults.temperature,
    rules: readSamplingRules({ ...request, temperature: request.temperature ?? requestDefaults.temperature }),
    seed: request.seed ?? fallbackSeed,
    stop: (typeof stop === "string" ? [stop] : (stop ?? [])).filter((sequence) => sequence !== ""),
    hasUsage: request.stream_options?.include_usage === true,
  };
}
