import { z } from "zod";

const listSchema = z.looseObject({
  data: z.array(z.looseObject({ id: z.string(), max_model_len: z.int().positive().nullish().catch(null) })),
});

/**
 * Context lengths by model, tokens, of the servers that list them: vLLM and SGLang.
 *
 * @param list - The parsed answer of `GET /v1/models`.
 */
export function findContexts(list: unknown): ReadonlyMap<string, number> {
  const parsed = listSchema.safeParse(list);
  if (!parsed.success) return new Map();
  return new Map(parsed.data.data.flatMap(({ id, max_model_len: length }) => (typeof length === "number" ? [[id, length] as const] : [])));
}
