import { protocolLimits } from "../../limits.js";
import type { AddedParts, AnswerCollector } from "../family.js";
import { asFields, readUsage } from "../text/read-fields.js";
import { type EmbeddingRequest, embeddingInputs } from "./request.js";
import { decodeVector } from "./vectors.js";

/** Longest base64 of a vector. */
const MOST_CHARACTERS = Math.ceil((protocolLimits.embeddingDimensions * 4) / 3) * 4;

/** Collector of embedding answers, which come in one body: a vector for each input, all of one length. */
export function createEmbeddingCollector(request: EmbeddingRequest): AnswerCollector {
  const count = embeddingInputs(request).length;
  let vectors: readonly string[] = [];

  /** The vectors by their index, or what is wrong with them. */
  function read(data: unknown): readonly string[] | string {
    if (!Array.isArray(data) || data.length !== count) return `data does not hold ${count} ${count === 1 ? "vector" : "vectors"}`;
    const found = new Map<number, string>();
    let dimensions = 0;
    for (const [place, each] of data.entries()) {
      const entry = asFields(each);
      const index = entry?.["index"] ?? place;
      const embedding = entry?.["embedding"];
      if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= count) return `data.${place}.index is not valid`;
      const isText = typeof embedding === "string" && embedding.length <= MOST_CHARACTERS;
      const numbers = isText ? decodeVector(embedding) : null;
      if (!isText || numbers === null) return `data.${place}.embedding is not the base64 of 32-bit floats`;
      dimensions ||= numbers.length;
      if (numbers.length !== dimensions) return "the vectors differ in length";
      found.set(index, embedding);
    }
    if (found.size !== count) return "an index stands twice";
    return Array.from({ length: count }, (_, index) => found.get(index) ?? "");
  }

  return {
    addEvent: () => ({ ok: false, reason: "embeddings are not streamed" }),
    addBody(body): AddedParts {
      const fields = asFields(body);
      const found = read(fields?.["data"]);
      if (typeof found === "string") return { ok: false, reason: `not an embedding answer: ${found}` };
      vectors = found;
      const usage = fields === null ? null : readUsage(fields);
      return { ok: true, parts: [{ kind: "vectors", vectorsBase64: vectors }, ...(usage === null ? [] : [usage])] };
    },
    hasContent: () => vectors.length > 0,
    isComplete: () => vectors.length > 0,
    unitsSoFar: () => null,
    finish: () =>
      vectors.length > 0
        ? { ok: true, answer: { kind: "vectors", vectorsBase64: vectors } }
        : { ok: false, reason: "the answer holds no vector" },
  };
}
