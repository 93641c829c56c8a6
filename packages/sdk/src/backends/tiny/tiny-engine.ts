import type { ImageModel, LanguageModel, TinyModelName } from "@vision/tiny";
import { z } from "zod";
import { BackendError } from "../inference-backend.js";

/** Options of the embedded backend. */
export type TinyOptions = {
  /** Language model to use instead of the one that the request names: an embedded model's name, or the bytes of a GGUF file. */
  readonly model?: string | Uint8Array;
  /** Image model to use instead of the one that the request names. */
  readonly imageModel?: string | Uint8Array;
};

const modelSource = z.union([z.string().min(1), z.instanceof(Uint8Array)]);

/** Parser of {@link TinyOptions}. */
export const tinyOptionsSchema = z.strictObject({ model: modelSource.optional(), imageModel: modelSource.optional() });

/** The embedded models, each loaded once, when first needed. */
export type TinyEngine = {
  /** @throws {@link BackendError} `failed` when no embedded model has the name. */
  languageModel(name: string): Promise<LanguageModel>;
  /** @throws {@link BackendError} `failed` when no embedded model has the name. */
  imageModel(name: string): Promise<ImageModel>;
};

/** Engine that leaves even the package itself alone until a request needs it: a miner without embedded tasks never loads it. */
export function createTinyEngine(options: TinyOptions): TinyEngine {
  const languageModels = new Map<string | Uint8Array, Promise<LanguageModel>>();
  const imageModels = new Map<string | Uint8Array, Promise<ImageModel>>();
  return {
    languageModel: (name) =>
      loadOnce(languageModels, options.model ?? name, async (source) => {
        const { loadLanguageModel } = await import("@vision/tiny");
        return loadLanguageModel(await knownModel(source));
      }),
    imageModel: (name) =>
      loadOnce(imageModels, options.imageModel ?? name, async (source) => {
        const { loadImageModel } = await import("@vision/tiny");
        return loadImageModel(await knownModel(source));
      }),
  };
}

async function knownModel(source: string | Uint8Array): Promise<TinyModelName | Uint8Array> {
  const { isModelName, modelNames } = await import("@vision/tiny");
  if (typeof source !== "string" || isModelName(source)) return source;
  throw new BackendError({ code: "failed", message: `There is no embedded model "${source}". There are: ${modelNames.join(", ")}.` });
}

async function loadOnce<Model>(
  loaded: Map<string | Uint8Array, Promise<Model>>,
  source: string | Uint8Array,
  load: (source: string | Uint8Array) => Promise<Model>,
): Promise<Model> {
  const known = loaded.get(source);
  const model = known ?? load(source);
  if (known === undefined) loaded.set(source, model);
  try {
    return await model;
  } catch (cause) {
    loaded.delete(source);
    if (BackendError.isInstance(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BackendError({ code: "failed", message: `The embedded model cannot be loaded: ${reason}`, cause });
  }
}

/** What an embedded model makes. */
export type TinyModelKind = "language" | "image";

/** Why no embedded model of that kind answers a task's requests; `null` when one does, or when the models are not even there. */
export async function findTinyObstacle(
  { model, kind }: { readonly model: string; readonly kind: TinyModelKind },
  options: TinyOptions,
): Promise<string | null> {
  const source = (kind === "image" ? options.imageModel : options.model) ?? model;
  if (typeof source !== "string") return null;
  const tiny = await import("@vision/tiny").catch(() => null);
  if (tiny === null || (tiny.isModelName(source) && tiny.modelKinds[source] === kind)) return null;
  const names = tiny.modelNames.filter((name) => tiny.modelKinds[name] === kind);
  return `there is no embedded ${kind} model "${source}"; there is ${names.join(", ")}`;
}

/** A failure of the embedded engine as a backend's: input out of its bounds is the request's fault, anything else ours. */
export function tinyFailure(error: unknown): BackendError {
  if (BackendError.isInstance(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new BackendError({ code: isInvalidInput(error) ? "invalid" : "failed", message, cause: error });
}

/** The package is loaded lazily, so its error class is recognised by its stable code. */
function isInvalidInput(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "TINY_INVALID_INPUT";
}
