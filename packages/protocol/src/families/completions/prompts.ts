import type { RequestBody } from "../family.js";
import { countByNumber, splitByNumber } from "../text/split-request.js";

function isTokenIds(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((id) => Number.isSafeInteger(id) && id >= 0);
}

/** The token ids that a body has in place of a prompt's text; null where it has none. */
export function promptTokenIds({ prompt }: RequestBody): readonly number[] | null {
  return isTokenIds(prompt) ? prompt : null;
}

function promptsOf({ prompt }: RequestBody): readonly unknown[] {
  const isList = Array.isArray(prompt) && prompt.length > 0;
  const isSeveral = isList && (prompt.every((each) => typeof each === "string") || prompt.every(isTokenIds));
  return isSeveral ? prompt : [prompt];
}

/** How many answers a body asks for: `n` to each of its prompts. */
export function countCompletions(body: RequestBody): number {
  return promptsOf(body).length * countByNumber(body);
}

/** A body for each answer, by prompt. */
export function splitCompletion(body: RequestBody): readonly (readonly RequestBody[])[] {
  return promptsOf(body).map((prompt) => splitByNumber({ ...body, prompt }));
}
