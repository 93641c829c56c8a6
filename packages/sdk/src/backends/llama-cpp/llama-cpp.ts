import { z } from "zod";
import { parseOptions } from "../../runtime/parse-options.js";
import { BackendError, type InferenceBackend } from "../inference-backend.js";
import { textBackend } from "../text/text-backend.js";
import { generateTokens } from "./generate-tokens.js";
import { type LlamaEngine, loadLlamaEngine } from "./llama-engine.js";
import { readLlamaPrompt } from "./read-prompt.js";

/** Options of {@link llamaCpp}. */
export type LlamaCppOptions = {
  /** A GGUF file. */
  readonly modelPath: string;
  /** Threads for the parts that run on the processor. 1 is fastest for models of a few million parameters; give a large one your cores. */
  readonly threads?: number;
  /** Longest prompt plus answer, tokens; as much as fits memory by default. */
  readonly contextTokens?: number;
  /** Requests answered at a time; each takes its share of the memory. */
  readonly concurrency?: number;
  /** `false` keeps the model on the processor. */
  readonly gpu?: "auto" | false;
};

/** Parser of {@link LlamaCppOptions}. */
export const llamaCppOptionsSchema = z.strictObject({
  modelPath: z.string().min(1),
  threads: z.int().min(0).max(1024).default(1),
  contextTokens: z.int().min(16).optional(),
  concurrency: z.int().min(1).max(256).default(4),
  gpu: z.union([z.literal("auto"), z.literal(false)]).default("auto"),
});

/**
 * Backend that runs a GGUF model in this process with llama.cpp, through the optional package `node-llama-cpp` (3.22 or later).
 *
 * Chat uses the chat template of the file. Every token carries its logprob, so answers can be checked. The model is loaded at the first
 * request or health check. Tokens are drawn by `gumbel-murmur3`, as vLLM 0.32 draws them.
 *
 * @throws VisionError `SDK_INVALID_OPTIONS` naming every mistake in the options at once.
 */
export function llamaCpp(options: LlamaCppOptions): InferenceBackend {
  const { modelPath, threads, contextTokens, concurrency, gpu } = parseOptions("llamaCpp", llamaCppOptionsSchema, options);
  let loading: Promise<LlamaEngine> | undefined;
  const loadEngine = () => {
    loading ??= loadLlamaEngine({ modelPath, threads, contextTokens, concurrency, gpu }).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };

  return textBackend({
    name: "llama-cpp",
    async generate(request) {
      const engine = await loadEngine();
      const { prompt, sampling, signal } = request;
      const promptTokens = readLlamaPrompt(engine, prompt);
      const room = engine.contextTokens - promptTokens.length;
      if (room < 1) {
        throw new BackendError({
          code: "invalid",
          message: `The prompt has ${promptTokens.length} tokens; with the answer it must have at most ${engine.contextTokens}.`,
        });
      }
      const maxTokens = Math.min(sampling.maxTokens, room);
      return { promptTokens: promptTokens.length, tokens: generateTokens(engine, { promptTokens, maxTokens, sampling, signal }) };
    },
    sampler: () => "gumbel-murmur3",
    async checkHealth() {
      try {
        await loadEngine();
        return { isHealthy: true };
      } catch (error) {
        return { isHealthy: false, detail: error instanceof Error ? error.message : String(error) };
      }
    },
    async close() {
      const engine = await loading?.catch(() => undefined);
      loading = undefined;
      await engine?.dispose();
    },
  });
}
