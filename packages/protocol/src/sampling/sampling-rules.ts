import type { RequestBody } from "../families/family.js";

/** What a request says about how its tokens are drawn. `null`: it does not say, and the engine's default holds. */
export type SamplingRules = {
  readonly temperature: number;
  readonly topP: number | null;
  /** 0 or less: off. */
  readonly topK: number | null;
  readonly minP: number | null;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  /** 1: off. */
  readonly repetitionPenalty: number;
  /** Added to logits, by token id. */
  readonly logitBias: ReadonlyMap<number, number>;
  /** Whether a grammar or a rule about the end takes tokens away in ways that only the engine knows. */
  readonly isConstrained: boolean;
};

/** vLLM takes less for 0, and logits divided by less are no numbers any more. */
const LEAST_TEMPERATURE = 1e-5;

const numberOr = <Default>(value: unknown, otherwise: Default): number | Default => (typeof value === "number" ? value : otherwise);

function isConstrained(request: RequestBody): boolean {
  const { response_format: format, min_tokens: minTokens, ignore_eos: ignoresEnd, tools } = request;
  const type = typeof format === "object" && format !== null && "type" in format ? format.type : "text";
  return type !== "text" || numberOr(minTokens, 0) > 0 || ignoresEnd === true || (Array.isArray(tools) && tools.length > 0);
}

/** The sampling of a text request that its family's schema has parsed. A request that names no temperature means 1. */
export function readSamplingRules(request: RequestBody): SamplingRules {
  const bias = request["logit_bias"];
  const entries = typeof bias === "object" && bias !== null ? Object.entries(bias) : [];
  const temperature = numberOr(request["temperature"], 1);
  return {
    temperature: temperature < LEAST_TEMPERATURE ? 0 : temperature,
    topP: numberOr(request["top_p"], null),
    topK: numberOr(request["top_k"], null),
    minP: numberOr(request["min_p"], null),
    frequencyPenalty: numberOr(request["frequency_penalty"], 0),
    presencePenalty: numberOr(request["presence_penalty"], 0),
    repetitionPenalty: numberOr(request["repetition_penalty"], 1),
    logitBias: new Map(entries.map(([id, value]) => [Number(id), numberOr(value, 0)])),
    isConstrained: isConstrained(request),
  };
}
