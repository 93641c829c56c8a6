import type { RequestBody, TaskFacts, Unsupported } from "../family.js";
import type { TaskCapability } from "../task-abilities.js";

/** What asks for a capability, and what it is called. */
export type CapabilityUse = { readonly capability: TaskCapability; readonly param: string; readonly what: string };

/** Uses of capabilities that all text requests share. */
export function textCapabilityUses(request: RequestBody): readonly CapabilityUse[] {
  const bias = request["logit_bias"];
  const hasBias = typeof bias === "object" && bias !== null && Object.keys(bias).length > 0;
  return hasBias ? [{ capability: "logit-bias", param: "logit_bias", what: "biases" }] : [];
}

/** The first use of what a task says that it cannot do; a task that says nothing is taken to do everything. */
export function findMissingCapability(uses: readonly CapabilityUse[], { id, capabilities }: TaskFacts): Unsupported | null {
  const missing = capabilities === undefined ? undefined : uses.find(({ capability }) => !capabilities.includes(capability));
  return missing === undefined ? null : { param: missing.param, message: `is not supported: ${id} takes no ${missing.what}` };
}
