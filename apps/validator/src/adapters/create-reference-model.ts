import type { ReferenceSettings } from "../config/index.js";
import type { ReferenceModel } from "../ports/index.js";
import { createGgufModel } from "./reference-model-gguf.js";
import { createVllmModel } from "./reference-model-vllm.js";

/** The model that a reference's settings name. Nothing is loaded, and no server asked, before its first question. */
export function createReferenceModel(settings: ReferenceSettings): ReferenceModel {
  switch (settings.kind) {
    case "gguf":
      return createGgufModel(settings);
    case "vllm":
      return createVllmModel(settings);
  }
}
