import { encodeVector } from "@vision/protocol";
import { z } from "zod";

const listSchema = z.looseObject({
  data: z.array(z.looseObject({ embedding: z.union([z.string(), z.array(z.number())]) })),
});

/**
 * A body of embeddings with its vectors in base64, as the protocol has them, where a server wrote lists of numbers though base64 was asked
 * for (llama.cpp's server, Ollama, TEI). Everything else is passed on unread.
 *
 * @param json - JSON text of the body.
 */
export function normaliseEmbeddings(json: string): string {
  if (!/"embedding"\s*:\s*\[/.test(json)) return json;
  const parsed = listSchema.safeParse(JSON.parse(json));
  if (!parsed.success) return json;
  const data = parsed.data.data.map(({ embedding, ...entry }) => ({
    ...entry,
    embedding: typeof embedding === "string" ? embedding : encodeVector(embedding),
  }));
  return JSON.stringify({ ...parsed.data, data });
}
