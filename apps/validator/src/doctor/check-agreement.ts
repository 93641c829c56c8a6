import { type Finding, fail, ok, warn } from "@vision/program";
import type { Task } from "@vision/protocol";
import { scoreKnownText } from "../adapters/known-text.js";
import type { ReferenceSettings, ValidatorConfig } from "../config/index.js";
import type { ReferenceModel } from "../ports/index.js";

/** Tasks that several references are named for, with those. */
export function tasksOfSeveral({ registry, references }: Pick<ValidatorConfig, "registry" | "references">) {
  return [...registry.values()].flatMap((task) => {
    const named = references.filter(({ tasks }) => tasks.includes(task.id));
    return named.length < 2 ? [] : [{ task, references: named }];
  });
}

/**
 * Compares the references of one task on a text: those that have different models would take turns at finding honest miners wrong. Another
 * precision differs by less than the task lets claims differ; another model by whole nats.
 */
export async function checkAgreement(
  { task, references }: { readonly task: Task; readonly references: readonly ReferenceSettings[] },
  { openModel, signal }: { readonly openModel: (settings: ReferenceSettings) => ReferenceModel; readonly signal: AbortSignal },
): Promise<Finding> {
  const scores: (readonly number[])[] = [];
  for (const settings of references) {
    const model = openModel(settings);
    try {
      const found = await scoreKnownText(model, signal);
      if (found === null) return fail(`the ${settings.kind} reference cannot score a text`, "Is it the model of its tasks?");
      scores.push(found);
    } finally {
      await model.close();
    }
  }
  const [first = [], ...others] = scores;
  if (others.some(({ length }) => length !== first.length)) {
    return fail("they read a text as different tokens: they are different models", "Name references of one model for a task.");
  }
  const difference = Math.max(
    ...others.map((each) => each.reduce((sum, logprob, index) => sum + Math.abs(logprob - (first[index] ?? 0)), 0) / first.length),
  );
  const allowed = task.check.kind === "teacher-forcing" ? task.check.maxLogprobDifference : 0;
  const said = `${references.length} references differ by ${difference.toFixed(3)} nats a token on a known text`;
  if (difference <= allowed) return ok(said);
  const hint =
    "Name references of the same weights for a task, or let the task's maxLogprobDifference be more: answers on which they disagree are not judged.";
  return difference <= 1 ? warn(said, hint) : fail(said, hint);
}
