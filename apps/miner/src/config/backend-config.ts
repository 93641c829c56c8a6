import { setting } from "@vision/program";
import { llamaCppOptionsSchema, openaiCompatibleOptionsSchema, tinyOptionsSchema } from "@vision/sdk/backends";
import { z } from "zod";

const tinySchema = tinyOptionsSchema.extend({ kind: z.literal("tiny") });

const openaiCompatibleSchema = openaiCompatibleOptionsSchema.extend({
  kind: z.literal("openai-compatible"),
  apiKey: setting(openaiCompatibleOptionsSchema.shape.apiKey, { description: "Sent as a bearer token.", isSecret: true }),
  headers: setting(openaiCompatibleOptionsSchema.shape.headers, { description: "Further headers of every request.", isSecret: true }),
});

const llamaCppSchema = llamaCppOptionsSchema.extend({
  kind: z.literal("llama-cpp"),
  modelPath: setting(llamaCppOptionsSchema.shape.modelPath, { description: "A GGUF file.", isPath: true }),
});

const moduleSchema = z.strictObject({
  kind: z.literal("module"),
  path: setting(z.string().min(1), {
    description: "JavaScript module; its default export is `(options, helpers) => InferenceBackend`.",
    isPath: true,
  }),
  options: setting(z.unknown().optional(), { description: "Handed to the module as it is.", isSecret: true }),
  /** Backend that the module may wrap; it gets it as `helpers.inner`. */
  get inner() {
    return backendConfigSchema.optional();
  },
});

const pooledSchema = z.strictObject({
  kind: z.literal("pooled"),
  /** Backends that give the same answers. */
  members: z
    .array(
      z.strictObject({
        /** Requests that it has for one of a member of weight 1; 1 where it is left out. */
        weight: z.number().positive().max(1e6).optional(),
        /** In logs and metrics; its place, from 1, where it is left out. */
        name: z.string().min(1).max(64).optional(),
        get backend() {
          return backendConfigSchema;
        },
      }),
    )
    .min(1)
    .max(256),
  /** A stream that brings nothing to read for this long is asked of another member. */
  firstContentMs: z.int().min(1).max(600_000).optional(),
});

/** Configuration of one backend. */
export type BackendConfig =
  | z.input<typeof tinySchema>
  | z.input<typeof openaiCompatibleSchema>
  | z.input<typeof llamaCppSchema>
  | {
      readonly kind: "pooled";
      readonly members: readonly {
        readonly weight?: number | undefined;
        readonly name?: string | undefined;
        readonly backend: BackendConfig;
      }[];
      readonly firstContentMs?: number | undefined;
    }
  | { readonly kind: "module"; readonly path: string; readonly options?: unknown; readonly inner?: BackendConfig | undefined };

/** Parser of one backend's configuration. */
export const backendConfigSchema: z.ZodType<BackendConfig> = z.discriminatedUnion("kind", [
  tinySchema,
  openaiCompatibleSchema,
  llamaCppSchema,
  moduleSchema,
  pooledSchema,
]);

/** The backend, or those that answer where it is several. */
export function leavesOf(backend: BackendConfig): readonly BackendConfig[] {
  return backend.kind === "pooled" ? backend.members.flatMap((member) => leavesOf(member.backend)) : [backend];
}
