import { readSamplingRules } from "@vision/protocol";
import type { TextSampling } from "../request-defaults.js";
import { generateTokens } from "./generate-tokens.js";
import type { LlamaEngine } from "./llama-engine.js";

/**
 * What the model goes on with after a prompt, drawn over its whole distribution; its end token adds nothing.
 *
 * @param request - `promptTokens` holds at least one; together with `maxTokens` at most the engine's context.
 * @throws BackendError `busy` where all sequences are taken, `failed` where llama.cpp does not do its work or the signal aborts.
 */
export async function writeLlamaText(
  engine: LlamaEngine,
  request: {
    readonly promptTokens: readonly number[];
    readonly maxTokens: number;
    readonly temperature: number;
    readonly seed: number;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly text: string; readonly isEnded: boolean }> {
  const { promptTokens, maxTokens, temperature, seed, signal } = request;
  const rules = readSamplingRules({ temperature });
  const sampling: TextSampling = { maxTokens, temperature, seed, rules, topLogprobs: 0, stop: [], hasLogprobs: false, hasUsage: false };
  const bytes: number[] = [];
  for await (const token of generateTokens(engine, { promptTokens, maxTokens, sampling, signal })) {
    if (token.isEnd) return { text: Buffer.from(bytes).toString(), isEnded: true };
    bytes.push(...(token.bytes ?? Buffer.from(token.text)));
  }
  return { text: Buffer.from(bytes).toString(), isEnded: false };
}
