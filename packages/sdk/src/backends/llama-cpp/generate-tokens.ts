import { throwIfCancelled } from "../next-turn.js";
import type { TextSampling } from "../request-defaults.js";
import type { GeneratedToken, TokenLogprob } from "../text/generated-token.js";
import { createTokenSampler, isPlainDraw } from "../text/token-sampler.js";
import { chooseToken } from "./choose-token.js";
import type { LlamaEngine } from "./llama-engine.js";
import type { EvaluateItem } from "./node-llama-cpp.js";

/**
 * Most likely tokens that take part in sampling. The whole vocabulary does when it is not larger; with a large one, the best 512 hold all
 * but a vanishing part of the probability, and handing over 128,000 logits for every token would cost more than the model.
 */
const SAMPLED_TOKENS = 512;
const SMALL_VOCABULARY = 8192;

/** Tokens of one answer, each with its logprob, on a sequence of the engine's. Needs at least one prompt token. */
export async function* generateTokens(
  engine: LlamaEngine,
  request: {
    readonly promptTokens: readonly number[];
    readonly maxTokens: number;
    readonly sampling: TextSampling;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<GeneratedToken, void> {
  const { sampling, signal } = request;
  const wanted = wantedLogits(sampling, engine.vocabulary.size);
  const sampler = createTokenSampler(sampling, request.promptTokens);
  const { sequence, release } = engine.takeSequence();
  try {
    let input = request.promptTokens;
    for (let count = 0; count < request.maxTokens; count += 1) {
      throwIfCancelled(signal);
      const outputs = await sequence.controlledEvaluate(evaluateItems(input, wanted));
      throwIfCancelled(signal);
      const position = request.promptTokens.length - 1 + count;
      const chosen = chooseToken(outputs.at(-1), { sampler, position, topLogprobs: sampling.topLogprobs });
      const isEnd = engine.model.isEogToken(chosen.token);
      yield {
        ...describe(engine, chosen.token, chosen.logprob),
        // An end token adds no bytes to the text, so that the bytes of all tokens are the text.
        ...(isEnd ? { bytes: new Uint8Array(0) } : {}),
        topLogprobs: chosen.top.map((top) => describe(engine, top.token, top.logprob)),
        isEnd,
      };
      if (isEnd) return;
      input = [chosen.token];
    }
  } finally {
    await release();
  }
}

type WantedLogits = Extract<EvaluateItem, readonly unknown[]>[1]["generateNext"]["logits"];

function wantedLogits(sampling: TextSampling, vocabularyTokens: number): WantedLogits {
  if (sampling.temperature === 0 && isPlainDraw(sampling)) {
    return { filter: { tokens: [], includeSelected: true, ...(sampling.topLogprobs > 0 ? { includeTop: sampling.topLogprobs } : {}) } };
  }
  const isSmall = vocabularyTokens > 0 && vocabularyTokens <= SMALL_VOCABULARY;
  return isSmall ? true : { filter: { tokens: [], includeSelected: true, includeTop: SAMPLED_TOKENS } };
}

function evaluateItems(input: readonly number[], logits: WantedLogits): readonly EvaluateItem[] {
  const last = input.at(-1) ?? 0;
  // Temperature 0 keeps the logits raw: any other scales them before they are handed over.
  return [...input.slice(0, -1), [last, { generateNext: { token: true, totalLogitWeight: true, logits, options: { temperature: 0 } } }]];
}

function describe(engine: LlamaEngine, token: number, logprob: number): TokenLogprob {
  return { id: token, bytes: engine.vocabulary.bytesOf(token), text: engine.model.detokenize([token], true), logprob };
}
