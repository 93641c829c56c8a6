import { z } from "zod";
import { parseOptions } from "../../runtime/parse-options.js";
import { BACKEND_SPECIFICATION_VERSION, BackendError, type InferenceBackend } from "../inference-backend.js";
import { throwIfCancelled } from "../next-turn.js";
import { answerText, type Generate } from "./answer-text.js";
import { isTextCall, isTextFamily } from "./text-format.js";

/** Options of {@link textBackend}. */
export type TextBackendOptions = Pick<InferenceBackend, "name" | "checkHealth" | "sampler" | "close"> & {
  /** Generates one answer, token by token. */
  readonly generate: Generate;
};

const callable = <Function>() => z.custom<Function>((value) => typeof value === "function", "must be a function");

/** Parser of {@link TextBackendOptions}. */
export const textBackendOptionsSchema = z.strictObject({
  name: z.string().min(1),
  generate: callable<Generate>(),
  checkHealth: callable<NonNullable<InferenceBackend["checkHealth"]>>().optional(),
  sampler: callable<NonNullable<InferenceBackend["sampler"]>>().optional(),
  close: callable<NonNullable<InferenceBackend["close"]>>().optional(),
});

/**
 * Backend for an engine that gives tokens: chat and completions, streamed or whole, stop sequences, logprobs and usage are written for it in
 * OpenAI's shapes, with every token once and text cut at whole characters. An error of `generate` that is no `BackendError` is a failure.
 *
 * @throws VisionError `SDK_INVALID_OPTIONS` naming every mistake in the options at once.
 *
 * @example
 * ```ts
 * const backend = textBackend({
 *   name: "my-engine",
 *   async generate({ prompt, sampling, signal }) {
 *     const promptTokens = engine.tokenize(prompt);
 *     return { promptTokens: promptTokens.length, tokens: engine.generate(promptTokens, sampling, signal) };
 *   },
 * });
 * ```
 */
export function textBackend(options: TextBackendOptions): InferenceBackend {
  const { name, generate, checkHealth, sampler, close } = parseOptions("textBackend", textBackendOptionsSchema, options);
  const unserved = (family: string) => `${name} does not serve ${family}`;
  return {
    specificationVersion: BACKEND_SPECIFICATION_VERSION,
    name,
    findObstacle: async ({ family }) => (isTextFamily(family) ? null : unserved(family)),
    async *run(call) {
      throwIfCancelled(call.signal);
      if (!isTextCall(call)) throw new BackendError({ code: "invalid", message: unserved(call.familyName) });
      try {
        yield* answerText(call, generate);
      } catch (error) {
        if (BackendError.isInstance(error)) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        throw new BackendError({ code: "failed", message: `${name} failed: ${reason}`, cause: error });
      }
    },
    ...(checkHealth === undefined ? {} : { checkHealth }),
    ...(sampler === undefined ? {} : { sampler }),
    ...(close === undefined ? {} : { close }),
  };
}
