import { type EmbeddingRequest, embeddingInputs, encodeVector } from "@vision/protocol";
import type { FakeMiner } from "./fake-exchange.js";

/** Answers every text with a vector by its length, so that order shows: `[length, 0.5]`. */
export const embeddingMiner: FakeMiner = ({ request }) => ({
  body: {
    object: "list",
    data: embeddingInputs(request as EmbeddingRequest).map((text, index) => ({
      object: "embedding",
      index,
      embedding: encodeVector([text.length, 0.5]),
    })),
    usage: { prompt_tokens: 5, total_tokens: 5 },
  },
});
