import type { RequestBody, TaskFacts, Unsupported } from "../family.js";
import type { TaskCapability } from "../task-abilities.js";

/** What asks for a capability, and what it is called. */
export type CapabilityUse = { readonly capability: TaskCapability; readonly param: string; readonly what: string };

/** Fields that shape the distribution beyond its temperature, and what leaves it as it is. */
const samplingNeutral: Readonly<Record<string, readonly unknown[]>> = {
  top_p: [1],
  top_k: [0, -1],
  min_p: [0],
  frequency_penalty: [0],
  presence_penalty: [0],
  repetition_penalty: [1],
  min_tokens: [0],
  ignore_eos: [false],
  // Of llama.cpp, vLLM and SGLang alone.
  repeat_penalty: [1],
  typical_p: [1],
  typ_p: [1],
  tfs_z: [1],
  top_a: [0],
  mirostat: [0],
  xtc_probability: [0],
  dry_multiplier: [0],
  dynatemp_range: [0],
  use_beam_search: [false],
  length_penalty: [1],
};

/** Fields of vLLM, SGLang and llama.cpp that hold an answer to a form, as `response_format` does. */
const formFields = [
  "structured_outputs",
  "guided_json",
  "guided_regex",
  "guided_choice",
  "guided_grammar",
  "json_schema",
  "grammar",
  "regex",
  "ebnf",
  "allowed_token_ids",
  "bad_words",
  "stop_token_ids",
] as const;

const isEmpty = (value: unknown) => value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** Uses of capabilities that all text requests share. */
export function textCapabilityUses(request: RequestBody): readonly CapabilityUse[] {
  const bias = request["logit_bias"];
  const hasBias = typeof bias === "object" && bias !== null && Object.keys(bias).length > 0;
  const sampling = Object.entries(samplingNeutral)
    .filter(([name, neutral]) => request[name] !== undefined && request[name] !== null && !neutral.includes(request[name]))
    .map(([param]): CapabilityUse => ({ capability: "sampling", param, what: `${param}; temperature and seed are all it samples by` }));
  const forms = formFields
    .filter((name) => !isEmpty(request[name]))
    .map((param): CapabilityUse => ({ capability: "json", param, what: "form of an answer but plain text" }));
  const biases: readonly CapabilityUse[] = hasBias ? [{ capability: "logit-bias", param: "logit_bias", what: "biases" }] : [];
  return [...biases, ...sampling, ...forms];
}

/** The first use of what a task says that it cannot do; a task that says nothing is taken to do everything. */
export function findMissingCapability(uses: readonly CapabilityUse[], { id, capabilities }: TaskFacts): Unsupported | null {
  const missing = capabilities === undefined ? undefined : uses.find(({ capability }) => !capabilities.includes(capability));
  return missing === undefined ? null : { param: missing.param, message: `is not supported: ${id} takes no ${missing.what}` };
}
