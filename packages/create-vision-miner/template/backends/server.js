// @ts-check
import { openaiCompatible } from "@vision/sdk/backends";
import { settings } from "./settings.js";

/** The model server that answers: __SERVER__. */
export function createBackend({ modelServerUrl = "__URL__", modelServerKey, model } = settings) {
  return openaiCompatible({
    baseUrl: modelServerUrl,
    ...(modelServerKey === undefined ? {} : { apiKey: modelServerKey }),
    ...(model === undefined ? {} : { model }), // the server's own name for the model, where it is not the task's
  });
}
