import type { BegunAnswer, RequestBody } from "../family.js";

/**
 * The limits for what is left of a text answer. Null where nothing is left, and where what comes next depends on more than the text so far: a
 * call of a tool, or a format that an engine enforces from an answer's beginning.
 */
export function restOfTextRequest(request: RequestBody, { units }: BegunAnswer, maxTokens: number) {
  const { tools, response_format: format, min_tokens: minTokens } = request;
  const isShaped = typeof format === "object" && format !== null && "type" in format && format.type !== "text";
  const left = maxTokens - units;
  if (left < 1 || isShaped || (Array.isArray(tools) && tools.length > 0)) return null;
  return { max_tokens: left, ...(typeof minTokens === "number" ? { min_tokens: Math.max(0, minTokens - units) } : {}) };
}
