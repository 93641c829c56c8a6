import { type ScoredPosition, VisionError } from "@vision/protocol";
import type { ReferenceModel, ReferencePrompt } from "../reference-model.js";
import { createVllmServer, type VllmServer, type VllmServerOptions, type VllmTokenized, type VllmTokenScore } from "./vllm-server.js";
import { readVllmVocabulary, type VllmVocabulary } from "./vllm-vocabulary.js";

/** A model at a vLLM server. */
export type VllmModelOptions = VllmServerOptions & {
  /** Likeliest tokens listed at each position; at most what the server was started with (`--max-logprobs`, 20 by its default). */
  readonly bestCount: number;
};

/**
 * A model at a vLLM server, asked by its HTTP API. What it is like is found out at the first question, and again after a failure, since the
 * server may have come back with another model. Questions run at the same time: the server puts them into batches itself.
 *
 * llama.cpp's server cannot take its place: it tells logprobs of what it writes, not of a prompt (`prompt_logprobs`), so the tokens of an
 * answer cannot be forced through it. Its files can be read by the kind `gguf` instead.
 */
export function createVllmModel(options: VllmModelOptions, server: VllmServer = createVllmServer(options)): ReferenceModel {
  const { model, bestCount } = options;
  let reading: Promise<VllmVocabulary> | null = null;
  // Everybody waits for the first question's answer, so whoever asked it cannot call it off.
  const closing = new AbortController();

  const forget = (error: unknown): never => {
    reading = null;
    throw error;
  };

  function opened(signal: AbortSignal): Promise<VllmVocabulary> {
    signal.throwIfAborted();
    reading ??= readVllmVocabulary(server, model, closing.signal).catch(forget);
    return reading;
  }

  async function ask<Result>(signal: AbortSignal, question: (vocabulary: VllmVocabulary) => Promise<Result>): Promise<Result> {
    const vocabulary = await opened(signal);
    return question(vocabulary).catch((error: unknown) => {
      signal.throwIfAborted();
      return forget(error);
    });
  }

  return {
    facts: (signal) => ask(signal, async ({ contextTokens, endTokens }) => ({ contextTokens, endTokens })),
    readPrompt: (prompt, signal) =>
      ask(signal, async () => {
        const result = await server.tokenize(toTokenized(prompt), signal);
        return result.kind === "refused" ? { kind: "unusable", reason: result.reason } : { kind: "read", tokens: result.value };
      }),
    encode: (text, signal) => ask(signal, ({ encode }) => encode(text, signal)),
    decode: (tokenIds, signal) => ask(signal, ({ decode }) => decode(tokenIds, signal)),
    idsOf: (tokens, signal) =>
      ask(signal, async ({ idOf }) => {
        const ids: (number | null)[] = [];
        for (const token of tokens) ids.push(await idOf(token, signal));
        return ids;
      }),
    score: ({ promptTokens, outputTokens }, signal) =>
      ask(signal, async ({ contextTokens }) => {
        if (promptTokens.length + outputTokens.length > contextTokens) {
          return { kind: "unusable", reason: `prompt and answer are longer than the reference's context of ${contextTokens} tokens` };
        }
        const result = await server.continue({ promptTokens: [...promptTokens, ...outputTokens], bestCount }, signal);
        if (result.kind === "refused") throw refused(result, options);
        const listed = result.value.promptScores.slice(promptTokens.length);
        return { kind: "scored", positions: outputTokens.map((tokenId, index) => toPosition(tokenId, listed[index], options)) };
      }),
    write: (writing, signal) =>
      ask(signal, async () => {
        const result = await server.write(writing, signal);
        return result.kind === "refused" ? { kind: "unusable", reason: result.reason } : { kind: "written", ...result.value };
      }),
    async close() {
      closing.abort(new Error("the reference is closed"));
      await reading?.catch(() => undefined);
      server.close();
    },
  };
}

function refused(
  { reason, parameter }: { readonly reason: string; readonly parameter: string | null },
  { model, bestCount }: VllmModelOptions,
): VisionError {
  const isTooMany = parameter === "prompt_logprobs";
  return new VisionError({
    code: "REFERENCE_UNAVAILABLE",
    message: `The vLLM server does not score answers of ${model}: ${reason}.`,
    ...(isTooMany ? { hint: `Start it with --max-logprobs ${bestCount}, or lower bestCount in the reference's settings.` } : {}),
  });
}

/** vLLM counts ranks from 1, and counts tokens that are as likely as the returned one as likelier. */
function toPosition(
  tokenId: number,
  listed: ReadonlyMap<number, VllmTokenScore> | null | undefined,
  { model, bestCount }: VllmModelOptions,
): ScoredPosition {
  const own = listed?.get(tokenId);
  if (listed === null || listed === undefined || own === undefined) {
    throw new VisionError({
      code: "REFERENCE_UNAVAILABLE",
      message: `The vLLM server does not say what it thinks of each token of an answer of ${model}.`,
      hint: "It must know prompt_logprobs: vLLM 0.10 or newer.",
    });
  }
  const better = [...listed].filter(([, { logprob }]) => logprob > own.logprob).length;
  // The returned token is listed in any case, as one more where it is none of the best.
  const isAmongBest = listed.size <= bestCount;
  const best = [...listed].filter(([id]) => id !== tokenId || isAmongBest).sort(([, a], [, b]) => b.logprob - a.logprob);
  return {
    tokenId,
    logprob: own.logprob,
    rank: isAmongBest ? better : Math.max(better, (own.rank ?? 1) - 1),
    bestIds: best.map(([id]) => id),
    bestLogprobs: best.map(([, { logprob }]) => logprob),
  };
}

function toTokenized(prompt: ReferencePrompt): VllmTokenized {
  if (prompt.kind === "text") return { kind: "prompt", text: prompt.text };
  return { kind: "chat", messages: prompt.messages, end: prompt.isContinued ? "begun" : "header" };
}
