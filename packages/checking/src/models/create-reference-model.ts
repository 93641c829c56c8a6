import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { ReferenceModel } from "../reference-model.js";
import { createGgufModel, type GgufModelOptions } from "./reference-model-gguf.js";
import { createVllmModel, type VllmModelOptions } from "./reference-model-vllm.js";

/** A model that answers are checked against: a GGUF file on this machine, or a model at a vLLM server. */
export type ReferenceModelSettings = (GgufModelOptions & { readonly kind: "gguf" }) | (VllmModelOptions & { readonly kind: "vllm" });

/** The model that a reference's settings name. Nothing is loaded, and no server asked, before its first question. */
export function createReferenceModel(settings: ReferenceModelSettings): ReferenceModel {
  switch (settings.kind) {
    case "gguf":
      return createGgufModel(settings);
    case "vllm":
      return createVllmModel(settings);
  }
}

/**
 * Optional packages that the references' kinds need and that are not installed.
 *
 * @param from - URL of the module that would load them.
 */
export function findMissingPackages(
  references: readonly Pick<ReferenceModelSettings, "kind">[],
  from: string = import.meta.url,
): readonly string[] {
  const needed = references.some(({ kind }) => kind === "gguf") ? ["node-llama-cpp"] : [];
  const folders = (name: string) => createRequire(from).resolve.paths(name) ?? [];
  return needed.filter((name) => !folders(name).some((folder) => existsSync(join(folder, name))));
}
