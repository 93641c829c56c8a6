import { z } from "zod";

const tinySchema = z.strictObject({
  kind: z.literal("tiny"),
  /** Embedded language model to use in place of the one a task names. */
  model: z.string().min(1).optional(),
  imageModel: z.string().min(1).optional(),
});

const openaiCompatibleSchema = z.strictObject({
  kind: z.literal("openai-compatible"),
  baseUrl: z.url({ protocol: /^https?$/, error: "must be an http or https URL, e.g. http://127.0.0.1:8000/v1" }),
  apiKey: z.string().min(1).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  model: z.string().min(1).optional(),
  timeoutMs: z.number().positive().optional(),
});

const llamaCppSchema = z.strictObject({
  kind: z.literal("llama-cpp"),
  /** GGUF file, relative to the config file. */
  modelPath: z.string().min(1),
  threads: z.int().min(0).max(1024).optional(),
  contextTokens: z.int().min(16).optional(),
  concurrency: z.int().min(1).max(256).optional(),
  gpu: z.union([z.literal("auto"), z.literal(false)]).optional(),
});

const moduleSchema = z.strictObject({
  kind: z.literal("module"),
  /** JavaScript module, relative to the config file; its default export is `(options, helpers) => InferenceBackend`. */
  path: z.string().min(1),
  /** Handed to the module as it is. */
  options: z.unknown().optional(),
  /** Backend that the module may wrap; it gets it as `helpers.inner`. */
  get inner() {
    return backendConfigSchema.optional();
  },
});

/** Configuration of one backend. */
export type BackendConfig =
  | z.infer<typeof tinySchema>
  | z.infer<typeof openaiCompatibleSchema>
  | z.infer<typeof llamaCppSchema>
  | { readonly kind: "module"; readonly path: string; readonly options?: unknown; readonly inner?: BackendConfig | undefined };

/** Parser of one backend's configuration. */
export const backendConfigSchema: z.ZodType<BackendConfig> = z.discriminatedUnion("kind", [
  tinySchema,
  openaiCompatibleSchema,
  llamaCppSchema,
  moduleSchema,
]);
