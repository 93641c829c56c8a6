import { type Finding, fail, ok } from "@vision/program";
import { createRegistry, getFamily } from "@vision/protocol";
import type { Reference } from "../ports/index.js";
import { KNOWN_ANSWER, KNOWN_QUESTION, KNOWN_TASK_ID, knownQuestion, OTHER_QUESTION } from "./known-answer.js";

/** Asks the reference about an answer that is right and about one that is not: one that praises or condemns both would be worth nothing. */
export async function checkReference(reference: Pick<Reference, "check">, signal: AbortSignal): Promise<Finding> {
  const task = createRegistry().get(KNOWN_TASK_ID);
  if (task === undefined) throw new Error(`There is no task ${KNOWN_TASK_ID}.`);
  const qualityOf = async (question: string) => {
    const request = getFamily(task.family).normalise(knownQuestion(question), { task, fallbackSeed: 0 });
    const verdict = await reference.check({ task, request, answer: KNOWN_ANSWER, sampler: "gumbel-murmur3", signal });
    return verdict.kind === "judged" ? verdict.qualityFraction : verdict.reason;
  };
  const [right, wrong] = [await qualityOf(KNOWN_QUESTION), await qualityOf(OTHER_QUESTION)];
  if (right === 1 && wrong === 0) return ok("judges a known answer right and a wrong one wrong");
  return fail(
    `judges a known answer ${right} instead of 1, and a wrong one ${wrong} instead of 0`,
    "Its model or engine is damaged: install the validator anew (npm ci), or check the reference's server. Honest miners would be judged wrong.",
  );
}
