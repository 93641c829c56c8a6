import type { LanguageModel } from "@vision/tiny";
import type { AnswerIdentity } from "../answer-identity.js";
import { type BackendCall, BackendError, type BackendPart } from "../inference-backend.js";
import { nextTurn, throwIfCancelled } from "../next-turn.js";
import type { TextSampling } from "../request-defaults.js";
import type { GeneratedToken } from "../text/generated-token.js";
import type { TextFormat } from "../text/text-format.js";
import { writeTextAnswer } from "../text/write-text-answer.js";

/** A text request made ready for the engine. */
export type TinyTextRequest = {
  readonly model: LanguageModel;
  /** Model name that the answer carries. */
  readonly modelName: string;
  readonly promptTokens: readonly number[];
  readonly sampling: TextSampling;
  readonly identity: AnswerIdentity;
  readonly format: TextFormat;
};

/**
 * Answers a text request, one token at a time.
 *
 * @throws BackendError `invalid` when the prompt leaves no room for a token.
 */
export function answerTinyText(call: BackendCall, request: TinyTextRequest): AsyncGenerator<BackendPart, void> {
  const { model, promptTokens, sampling, identity } = request;
  const room = model.contextTokens - promptTokens.length;
  if (room < 1) {
    throw new BackendError({
      code: "invalid",
      message: `The prompt has ${promptTokens.length} tokens; with the answer, this model holds ${model.contextTokens}.`,
    });
  }
  return writeTextAnswer(generate(call.signal, request, Math.min(sampling.maxTokens, room)), {
    format: request.format,
    id: identity.id,
    createdSeconds: identity.createdSeconds,
    model: request.modelName,
    promptTokens: promptTokens.length,
    stop: sampling.stop,
    hasLogprobs: sampling.hasLogprobs,
    hasUsage: sampling.hasUsage,
    isStream: call.isStream,
  });
}

async function* generate(signal: AbortSignal, request: TinyTextRequest, maxTokens: number): AsyncGenerator<GeneratedToken, void> {
  const { model, promptTokens, sampling } = request;
  const { temperature, seed, topLogprobs } = sampling;
  for (const token of model.generate({ promptTokens, maxTokens, temperature, seed, topLogprobs })) {
    yield {
      bytes: token.bytes,
      text: token.isEnd ? endTokenName(model, token.tokenId) : textOf(token.bytes),
      logprob: token.logprob,
      topLogprobs: token.topLogprobs.map((top) => ({ bytes: top.bytes, text: textOf(top.bytes), logprob: top.logprob })),
      isEnd: token.isEnd,
    };
    await nextTurn();
    throwIfCancelled(signal);
  }
}

const decoder = new TextDecoder();

function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Names that end tokens have in the embedded vocabularies. */
const END_TOKEN_NAMES = ["<|im_end|>", "<|endoftext|>"];

/** An end token adds no bytes to the text, so that the bytes of all tokens are the text; its name tells which one it was. */
function endTokenName(model: LanguageModel, tokenId: number): string {
  return END_TOKEN_NAMES.find((name) => model.tokenizer.specialTokenId(name) === tokenId) ?? "";
}
