import type { RequestBody, Task, TaskFamily } from "@vision/protocol";
import type { PromptCount } from "../ports/index.js";
import { ApiError } from "./api-error.js";

/**
 * Characters that a token of prompt stands for at most, on average, where the tokenizer is not known. English has about four and the most
 * regular of texts six: what is refused by this cannot fit. What does not fit all the same is refused by the miners, at nobody's cost.
 */
const MOST_CHARACTERS_PER_TOKEN = 8;

/** What is checked against the task's context. */
export type ContextNeed = {
  readonly task: Task;
  readonly family: TaskFamily;
  /** Parsed by the family's schema. */
  readonly request: RequestBody;
  readonly count: PromptCount;
  /** Characters of the prompt's text. */
  readonly promptCharacters: number;
};

/**
 * Refuses a request whose prompt and answer do not fit into the task's context. Exact where the prompt was counted, as an answer with a
 * limit that the user named must fit whole, and one without needs room for one token.
 *
 * @throws {@link ApiError} 400 `context_length_exceeded`.
 */
export function assertFitsContext({ task, family, request, count, promptCharacters }: ContextNeed): void {
  const { contextTokens } = task;
  if (contextTokens === undefined) return;
  const limitField = family.namedLimitField(request);
  const answerTokens = limitField === null ? 1 : family.maxWorkUnits(request);
  const refusal = (message: string) => new ApiError({ status: 400, code: "context_length_exceeded", param: limitField, message });
  if (count.kind === "unusable") throw refusal(count.reason);
  const isCounted = count.kind === "counted";
  const promptTokens = isCounted ? count.promptTokens : Math.ceil(promptCharacters / MOST_CHARACTERS_PER_TOKEN);
  if (promptTokens + answerTokens <= contextTokens) return;
  const need = `${isCounted ? "" : "at least "}${promptTokens} tokens of prompt and ${answerTokens} of answer`;
  throw refusal(
    `${task.id} has a context of ${contextTokens} tokens; this request needs ${need}. Shorten the prompt or lower the limit of the answer.`,
  );
}
