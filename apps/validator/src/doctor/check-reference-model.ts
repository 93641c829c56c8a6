import { type Finding, fail, ok, warn } from "@vision/program";
import type { Task } from "@vision/protocol";
import { knowsText } from "../adapters/known-text.js";
import type { ReferenceModel } from "../ports/index.js";

/**
 * Loads a model that answers are checked against and asks it what any model knows: one whose file or engine is damaged finds one ending as
 * likely as another.
 */
export async function checkReferenceModel(
  model: ReferenceModel,
  { tasks, signal }: { readonly tasks: readonly Task[]; readonly signal: AbortSignal },
): Promise<Finding> {
  const { contextTokens, endTokens } = await model.facts(signal);
  const { isKnown, said } = await knowsText(model, signal);
  if (!isKnown) {
    return fail(
      said,
      "It is not the model of its tasks, or it or its engine is damaged: honest miners would be judged wrong. Fetch the file again, and compare its SHA-256.",
    );
  }
  if (endTokens.length === 0) return fail("knows no token that ends an answer", "Use a file with the model's own tokenizer.");
  const longer = tasks.filter((task) => (task.contextTokens ?? 0) > contextTokens);
  if (longer.length === 0) return ok(`knows how a known text goes on; context of ${contextTokens} tokens`);
  return warn(
    `its context is ${contextTokens} tokens, and that of ${longer.map(({ id, contextTokens: wanted }) => `${id} ${wanted}`).join(", ")}: longer answers are not checked`,
    "Give the reference a larger contextTokens, or the task a smaller one.",
  );
}
