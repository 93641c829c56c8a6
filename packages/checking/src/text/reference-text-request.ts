import { getFamily } from "@vision/protocol";
import type { Verdict } from "@vision/scoring";
import type { Reference } from "../reference.js";
import type { ReferenceModel } from "../reference-model.js";
import { checkText } from "./reference-text.js";
import { readTextRequest } from "./text-requests.js";

const inconclusive = (reason: string): Verdict => ({ kind: "inconclusive", reason });

/**
 * Judges a stored answer to a text request by a model, whatever kind of reference runs it. Rejects where the reference fails.
 *
 * What does not fit together, or what no miner could have answered, is inconclusive.
 */
export async function checkTextRequest(
  { task, request, answer, sampler, signal }: Parameters<Reference["check"]>[0],
  model: ReferenceModel,
): Promise<Verdict> {
  if (answer.kind !== "text") return inconclusive("the stored answer is of another kind");
  const parsed = getFamily(task.family).requestSchema.safeParse(request);
  if (!parsed.success) return inconclusive("the stored request does not fit its family's schema");
  const read = readTextRequest(task.family, parsed.data);
  if (read === null) return inconclusive(`answers of ${task.family} are not text`);
  const prompt = await model.readPrompt(read.prompt, signal);
  if (prompt.kind === "unusable") return inconclusive(prompt.reason);
  const facts = await model.facts(signal);
  const { maxTokens, rules, seed, stop } = read.sampling;
  return checkText({ task, facts, promptTokens: prompt.tokens, maxTokens, sampler, rules, seed, stop, answer, signal }, model);
}
