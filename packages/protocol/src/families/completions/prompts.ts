import type { RequestBody } from "../family.js";
import { splitByNumber } from "../text/split-request.js";

function isTokenIds(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((id) => Number.isSafeInteger(id) && id >= 0);
}

/** The token ids that a body has in place of a prompt's text; null where it has none. */
export function promptTokenIds({ prompt }: RequestBody): readonly number[] | null {
  return isTokenIds(prompt) ? prompt : null;
}

/** A body for each prompt and answer, in OpenAI's order: all answers to the first prompt, then those to the second. */
export function splitCompletion(body: RequestBody): readonly RequestBody[] {
  const { prompt } = body;
  const isList = Array.isArray(prompt) && prompt.length > 0;
  const isSeveral = isList && (prompt.every((each) => typeof each === "string") || prompt.every(isTokenIds));
  const prompts: readonly unknown[] = isSeveral ? prompt : [prompt];
  return prompts.flatMap((each) => splitByNumber({ ...body, prompt: each }));
}
