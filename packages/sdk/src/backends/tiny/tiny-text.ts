import type { LanguageModel } from "@vision/tiny";
import { BackendError } from "../inference-backend.js";
import { nextTurn, throwIfCancelled } from "../next-turn.js";
import type { Generate } from "../text/answer-text.js";
import type { GeneratedToken } from "../text/generated-token.js";
import type { TextRequest } from "../text/read-text-request.js";
import { createTokenSampler, isPlainDraw } from "../text/token-sampler.js";
import type { TinyEngine } from "./tiny-engine.js";

/**
 * Generates text on an embedded model, one token at a time.
 *
 * @throws BackendError `invalid` when the prompt leaves no room for a token.
 */
export function generateTinyText(engine: TinyEngine): Generate {
  return async (request) => {
    const { prompt, sampling, signal } = request;
    const model = await engine.languageModel(request.model);
    const promptTokens = prompt.kind === "chat" ? model.chatPrompt(prompt.messages, prompt) : model.completionPrompt(prompt.text);
    const room = model.contextTokens - promptTokens.length;
    if (room < 1) {
      throw new BackendError({
        code: "invalid",
        message: `The prompt has ${promptTokens.length} tokens; with the answer, this model holds ${model.contextTokens}.`,
      });
    }
    const maxTokens = Math.min(sampling.maxTokens, room);
    return { promptTokens: promptTokens.length, tokens: generate(model, { promptTokens, maxTokens, sampling, signal }) };
  };
}

type TinyGeneration = Pick<TextRequest, "sampling" | "signal"> & { readonly promptTokens: readonly number[]; readonly maxTokens: number };

async function* generate(model: LanguageModel, request: TinyGeneration): AsyncGenerator<GeneratedToken, void> {
  const { promptTokens, maxTokens, signal } = request;
  const { temperature, seed, topLogprobs } = request.sampling;
  const sampler = isPlainDraw(request.sampling) ? null : createTokenSampler(request.sampling, promptTokens);
  const pick = sampler === null ? undefined : (logits: Float32Array, position: number) => sampler.draw(position, logits.entries());
  for (const token of model.generate({ promptTokens, maxTokens, temperature, seed, topLogprobs }, pick)) {
    yield {
      id: token.tokenId,
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
