import { embeddingInputs, encodeVector } from "@vision/protocol";
import { createAnswerIdentity } from "../answer-identity.js";
import type { BackendCall, BackendPart } from "../inference-backend.js";
import { nextTurn, throwIfCancelled } from "../next-turn.js";
import type { TinyEngine } from "./tiny-engine.js";

/** Answers a request for embeddings: one body with a vector for each text, one text at a time. */
export async function* answerTinyEmbeddings(call: BackendCall<"embeddings">, engine: TinyEngine): AsyncGenerator<BackendPart, void> {
  const model = await engine.languageModel(call.request.model);
  const data: { object: "embedding"; index: number; embedding: string }[] = [];
  let tokens = 0;
  for (const [index, text] of embeddingInputs(call.request).entries()) {
    await nextTurn();
    throwIfCancelled(call.signal);
    const { vector, tokenCount } = model.embed(text);
    tokens += tokenCount;
    data.push({ object: "embedding", index, embedding: encodeVector(vector) });
  }
  const { model: name } = call.task;
  const { id } = createAnswerIdentity("embd-");
  yield {
    kind: "body",
    body: JSON.stringify({ id, object: "list", data, model: name, usage: { prompt_tokens: tokens, total_tokens: tokens } }),
  };
}
