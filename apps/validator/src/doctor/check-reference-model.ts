import { type Finding, fail, ok, warn } from "@vision/program";
import type { Task } from "@vision/protocol";
import type { ReferenceModel } from "../ports/index.js";

/** A text of which any language model knows how it goes on. */
const KNOWN_TEXT = "The capital of Italy is";
const LIKELY = " Rome";
const UNLIKELY = " banana";

/**
 * Loads a model that answers are checked against and asks it what any model knows: one whose file or engine is damaged finds one ending as
 * likely as another.
 */
export async function checkReferenceModel(
  model: ReferenceModel,
  { tasks, signal }: { readonly tasks: readonly Task[]; readonly signal: AbortSignal },
): Promise<Finding> {
  const { contextTokens, endTokens } = await model.facts(signal);
  const prompt = await model.readPrompt({ kind: "text", text: KNOWN_TEXT }, signal);
  if (prompt.kind === "unusable") return fail(`cannot read a prompt: ${prompt.reason}`, "Is it the model of its tasks?");
  const logprobOf = async (ending: string) => {
    const [token] = await model.encode(ending, signal);
    if (token === undefined) return Number.NaN;
    const scored = await model.score({ promptTokens: prompt.tokens, outputTokens: [token] }, signal);
    return scored.kind === "scored" ? (scored.positions[0]?.logprob ?? Number.NaN) : Number.NaN;
  };
  const [likely, unlikely] = [await logprobOf(LIKELY), await logprobOf(UNLIKELY)];
  if (!(likely > unlikely)) {
    return fail(
      `does not find "${KNOWN_TEXT}${LIKELY}" likelier than "${KNOWN_TEXT}${UNLIKELY}" (${likely.toFixed(2)} and ${unlikely.toFixed(2)} nats)`,
      "The model or its engine is damaged: honest miners would be judged wrong. Fetch the file again, and compare its SHA-256.",
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
