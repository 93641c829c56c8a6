import { protocolLimits } from "../../limits.js";
import { type AnswerPresenter, defineFamily, type NormaliseOptions, type TaskFacts, type Unsupported } from "../family.js";
import { otherFields } from "../other-fields.js";
import { createEmbeddingCollector } from "./collect.js";
import { countEmbeddings, embeddingTokenIds, splitEmbedding } from "./inputs.js";
import { type EmbeddingRequest, embeddingInputs, embeddingRequestSchema, embeddingTokens } from "./request.js";
import { decodeVector } from "./vectors.js";

const ownFields = ["model", "input", "encoding_format", "stream", "stream_options"] as const;
/** Four bytes a number in base64, and the fields around. */
const MOST_BYTES_PER_VECTOR = Math.ceil((protocolLimits.embeddingDimensions * 4) / 3) * 4 + 256;
const BYTES_AROUND = 4096;
const VALUES_PER_VECTOR = 16;
const VALUES_AROUND = 512;

function normalise(request: EmbeddingRequest, { task }: NormaliseOptions): EmbeddingRequest {
  return { model: task.id, input: [...embeddingInputs(request)], encoding_format: "base64", ...otherFields(request, ownFields) };
}

function findUnsupported(request: EmbeddingRequest, { id }: TaskFacts): Unsupported | null {
  if (request["stream"] === true) return { param: "stream", message: `is not valid: ${id} is not streamed` };
  if (typeof request.dimensions === "number") return { param: "dimensions", message: `is not valid: vectors of ${id} have one length` };
  return null;
}

function mostBytes(request: EmbeddingRequest): number {
  return Math.min(embeddingInputs(request).length * MOST_BYTES_PER_VECTOR + BYTES_AROUND, protocolLimits.responseBytes);
}

function createEmbeddingPresenter({ model, request }: { readonly model: string; readonly request: EmbeddingRequest }): AnswerPresenter {
  const isBase64 = request.encoding_format === "base64";
  return {
    areTokensShown: false,
    addParts: () => null,
    usageEvent: () => null,
    choice(answer) {
      if (answer.kind !== "vectors") throw new TypeError("an embedding answer holds vectors");
      return answer.vectorsBase64.map((vector) => (isBase64 ? vector : Array.from(decodeVector(vector) ?? [])));
    },
    body: (choices, { promptTokens }) => ({
      object: "list",
      data: flatVectors(choices).map((embedding, index) => ({ object: "embedding", index, embedding })),
      model,
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    }),
  };
}

/** The vectors of all answers, in order. One level only: a vector may be a list itself. */
function flatVectors(choices: readonly unknown[]): readonly unknown[] {
  return choices.flatMap((choice) => choice as readonly unknown[]);
}

/** Vectors of texts: volume in tokens of the inputs, a quarter of their bytes. */
export const embeddings = defineFamily<EmbeddingRequest>()({
  name: "embeddings",
  operation: "embeddings",
  path: "/v1/embeddings",
  fileFields: [],
  workUnit: "tokens",
  isStreamable: false,
  capabilities: [],
  hasLogprobs: false,
  mostAnswers: protocolLimits.answers,
  idPrefix: "embd-",
  requestSchema: embeddingRequestSchema,
  smallRequest: (model) => ({ model, input: ["a red apple"], encoding_format: "base64" }),
  withLogprobs: (request) => request,
  findUnsupported,
  countAnswers: countEmbeddings,
  split: splitEmbedding,
  promptTokenIds: embeddingTokenIds,
  withPromptText: (body, text) => ({ ...body, input: text }),
  isStreamWanted: () => false,
  promptText: (request) => embeddingInputs(request).join("\n"),
  conversationPrefix: () => null,
  continueAnswer: () => null,
  namedLimitField: () => null,
  maxWorkUnits: embeddingTokens,
  normalise,
  isPlain: () => true,
  replyLimits: (request) => ({
    eventBytes: protocolLimits.eventBytes,
    streamBytes: protocolLimits.streamBytes,
    bodyBytes: mostBytes(request),
    values: embeddingInputs(request).length * VALUES_PER_VECTOR + VALUES_AROUND,
  }),
  mostAnswerBytes: mostBytes,
  createCollector: createEmbeddingCollector,
  workUnits: (request, answer) => (answer.kind === "vectors" ? embeddingTokens(request) : 0),
  createPresenter: createEmbeddingPresenter,
});
