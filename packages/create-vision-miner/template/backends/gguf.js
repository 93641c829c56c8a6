// @ts-check
import { llamaCpp } from "@vision/sdk/backends";
import { settings } from "./settings.js";

/** A GGUF file in this process. */
export function createBackend({ model = "__MODEL__" } = settings) {
  return llamaCpp({ modelPath: model });
}
