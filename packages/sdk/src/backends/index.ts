export { type BackendCall, BackendError, type BackendHealth, type BackendPart, type InferenceBackend } from "./inference-backend.js";
export { type LlamaCppOptions, llamaCpp } from "./llama-cpp/llama-cpp.js";
export { type OpenaiCompatibleOptions, openaiCompatible } from "./openai/openai-compatible.js";
export {
  chatSampling,
  completionSampling,
  type ImageSampling,
  imageSampling,
  requestDefaults,
  type TextSampling,
} from "./request-defaults.js";
export { tiny } from "./tiny/tiny.js";
export type { TinyOptions } from "./tiny/tiny-engine.js";
