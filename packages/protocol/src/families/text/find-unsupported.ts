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
};

/** Uses of capabilities that all text requests share. */
export function textCapabilityUses(request: RequestBody): readonly CapabilityUse[] {
  const bias = request["logit_bias"];
  const hasBias = typeof bias === "object" && bias !== null && Object.keys(bias).length > 0;
  const sampling = Object.entries(samplingNeutral)
    .filter(([name, neutral]) => request[name] !== undefined && request[name] !== null && !neutral.includes(request[name]))
    .map(([param]): CapabilityUse => ({ capability: "sampling", param, what: `${param}; temperature and seed are all it samples by` }));
  return hasBias ? [{ capability: "logit-bias", param: "logit_bias", what: "biases" }, ...sampling] : sampling;
}

/** The first use of what a task says that it cannot do; a task that says nothing is taken to do everything. */
export function findMissingCapability(uses: readonly CapabilityUse[], { id, capabilities }: TaskFacts): Unsupported | null {
  const missing = capabilities === undefined ? undefined : uses.find(({ capability }) => !capabilities.includes(capability));
  return missing === undefined ? null : { param: missing.param, message: `is not supported: ${id} takes no ${missing.what}` };
}
