export {
  type BackendCall,
  BackendError,
  type BackendHealth,
  type BackendPart,
  type HealthCheckOptions,
  type InferenceBackend,
} from "./inference-backend.js";
export { type LlamaCppOptions, llamaCpp, llamaCppOptionsSchema } from "./llama-cpp/llama-cpp.js";
export { type OpenaiCompatibleOptions, openaiCompatible, openaiCompatibleOptionsSchema } from "./openai/openai-compatible.js";
export {
  chatSampling,
  completionSampling,
  type ImageSampling,
  imageSampling,
  requestDefaults,
  type TextSampling,
} from "./request-defaults.js";
export { tiny } from "./tiny/tiny.js";
export { type TinyOptions, tinyOptionsSchema } from "./tiny/tiny-engine.js";
