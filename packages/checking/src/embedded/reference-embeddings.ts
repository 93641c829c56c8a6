import { type Answer, decodeVector, type EmbeddingRequest, embeddingInputs, type Task } from "@vision/protocol";
import { judgeEmbeddings, type Verdict } from "@vision/scoring";
import type { TinyModelName } from "@vision/tiny";
import type { ReferenceEngine } from "./reference-engine.js";

/** An answer of embeddings, ready to be judged. */
export type EmbeddingCheck = {
  readonly task: Task;
  readonly model: TinyModelName;
  readonly request: EmbeddingRequest;
  readonly answer: Extract<Answer, { readonly kind: "vectors" }>;
  readonly signal: AbortSignal;
};

/** Judges vectors by making them again from the same texts. */
export async function checkEmbeddings({ task, model, request, answer, signal }: EmbeddingCheck, engine: ReferenceEngine): Promise<Verdict> {
  const expected = await engine.embed(model, { texts: embeddingInputs(request), signal });
  return judgeEmbeddings(expected, answer.vectorsBase64.map(decodeVector), task.check);
}
