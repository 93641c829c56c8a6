import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { InferenceBackend } from "@vision/sdk/backends";
import { z } from "zod";
import { type BackendConfig, backendConfigSchema } from "../config/backend-config.js";

/** What an operator's backend module is given beside its options. */
export type BackendModuleHelpers = {
  /** The backend that `inner` configures; null when the configuration has none. */
  readonly inner: InferenceBackend | null;
  /** Makes a backend from a configuration like those of the config file. */
  createBackend(config: unknown): Promise<InferenceBackend>;
  /** `BackendError` and the ready backends, so that a module needs no package of its own. */
  readonly sdk: typeof import("@vision/sdk/backends");
  /** Folder of the config file. */
  readonly baseDirectory: string;
};

/** Default export of an operator's backend module. */
export type BackendModule = (options: unknown, helpers: BackendModuleHelpers) => InferenceBackend | Promise<InferenceBackend>;

const isFunction = (value: unknown): value is (...input: never[]) => unknown => typeof value === "function";

const moduleShape = z.looseObject({ default: z.custom<BackendModule>(isFunction, "must be a function") });

const backendShape = z.custom<InferenceBackend>(
  (value) => z.looseObject({ name: z.string().min(1), run: z.custom(isFunction) }).safeParse(value).success,
);

/** What the work gives; its error names the module, which a mistake in its text or a throw does not. */
async function named<Value>(path: string, work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/**
 * Loads an operator's own backend from a JavaScript module.
 *
 * @throws Error that says what the module lacks.
 */
export async function loadModuleBackend(
  config: Extract<BackendConfig, { kind: "module" }>,
  baseDirectory: string,
  createBackend: (config: BackendConfig, baseDirectory: string) => Promise<InferenceBackend>,
): Promise<InferenceBackend> {
  const path = resolve(baseDirectory, config.path);
  const loaded = await named(path, () => import(pathToFileURL(path).href) as Promise<unknown>);
  const module = moduleShape.safeParse(loaded);
  if (!module.success) throw new Error(`${path}: the default export must be a function (options, helpers) => InferenceBackend.`);
  const helpers: BackendModuleHelpers = {
    inner: config.inner === undefined ? null : await createBackend(config.inner, baseDirectory),
    createBackend: async (inner) => createBackend(backendConfigSchema.parse(inner), baseDirectory),
    sdk: await import("@vision/sdk/backends"),
    baseDirectory,
  };
  const made = await named(path, () => module.data.default(config.options, helpers));
  const backend = backendShape.safeParse(made);
  if (!backend.success) throw new Error(`${path}: the default export did not return a backend with a name and a run function.`);
  return backend.data;
}
