import { z } from "zod";
import { protocolLimits } from "../../limits.js";

const text = z.string().min(1).max(protocolLimits.contentCharacters);

/**
 * Body of `POST /v1/embeddings`, as OpenAI has it. Token ids are turned into text before they come here. Unknown fields pass through.
 */
export const embeddingRequestSchema = z.looseObject({
  model: z.string().min(1).max(256),
  input: z.union([text, z.array(text).min(1).max(protocolLimits.embeddingInputs)], {
    error: `must be a text, or 1 to ${protocolLimits.embeddingInputs} texts, none of them empty`,
  }),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: z.int().min(1).max(protocolLimits.embeddingDimensions).nullish(),
  user: z.string().max(512).nullish(),
});

/** A request that {@link embeddingRequestSchema} has parsed. */
export type EmbeddingRequest = z.infer<typeof embeddingRequestSchema>;

/** The texts that a request asks to embed, in order; at least one. */
export function embeddingInputs({ input }: Pick<EmbeddingRequest, "input">): readonly string[] {
  return typeof input === "string" ? [input] : input;
}

const BYTES_PER_TOKEN = 4;

/**
 * Tokens that the inputs count as: a quarter of their bytes, each input's rounded up. No tokenizer is asked, so that both ends count alike
 * and a miner's word is not needed.
 */
export function embeddingTokens(request: Pick<EmbeddingRequest, "input">): number {
  const encoder = new TextEncoder();
  return embeddingInputs(request).reduce((sum, each) => sum + Math.ceil(encoder.encode(each).length / BYTES_PER_TOKEN), 0);
}
