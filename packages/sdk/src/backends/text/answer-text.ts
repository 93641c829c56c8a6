import { createAnswerIdentity } from "../answer-identity.js";
import { BackendError, type BackendPart } from "../inference-backend.js";
import type { GeneratedToken } from "./generated-token.js";
import { readTextRequest, type TextRequest } from "./read-text-request.js";
import { type TextCall, textFormats } from "./text-format.js";
import { writeTextAnswer } from "./write-text-answer.js";

/** An answer on its way. */
export type Generation = {
  /** Tokens of the prompt, for the answer's usage. */
  readonly promptTokens: number;
  /** The answer's tokens as they come, the ending one included. Its `return` is called when nobody wants more. */
  readonly tokens: AsyncIterable<GeneratedToken>;
};

/** Begins an answer. Throws a `BackendError` for what cannot be served. */
export type Generate = (request: TextRequest) => Generation | Promise<Generation>;

/** Answers a call of a text family with the tokens of an engine, in OpenAI's shapes, streamed or not. */
export async function* answerText(call: TextCall, generate: Generate): AsyncGenerator<BackendPart, void> {
  const format = textFormats[call.familyName];
  const { id, createdSeconds, fallbackSeed } = createAnswerIdentity(format.idPrefix);
  const request = readTextRequest(call, fallbackSeed);
  const generation: Partial<Generation> | undefined = await generate(request);
  const { promptTokens, tokens } = generation ?? {};
  if (typeof promptTokens !== "number" || tokens === undefined) {
    throw new BackendError({ code: "failed", message: "generate must return { promptTokens, tokens }." });
  }
  const { stop, hasLogprobs, hasUsage } = request.sampling;
  yield* writeTextAnswer(tokens, {
    format,
    id,
    createdSeconds,
    model: request.model,
    promptTokens,
    stop,
    hasLogprobs,
    hasUsage,
    isStream: call.isStream,
  });
}
