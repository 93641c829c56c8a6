export { createBackendCall, type UntypedCall } from "./backend-call.js";
export { type ImageSampling, imageSampling, readImageSampling } from "./image-sampling.js";
export {
  BACKEND_SPECIFICATION_VERSION,
  type BackendCall,
  BackendError,
  type BackendHealth,
  type BackendPart,
  type HealthCheckOptions,
  type InferenceBackend,
  type RequestByFamily,
  type ServedModel,
} from "./inference-backend.js";
export { type LlamaCppOptions, llamaCpp, llamaCppOptionsSchema } from "./llama-cpp/llama-cpp.js";
export { type LlamaEngine, type LlamaEngineOptions, loadLlamaEngine } from "./llama-cpp/llama-engine.js";
export { readLlamaPrompt } from "./llama-cpp/read-prompt.js";
export { scoreLlamaTokens } from "./llama-cpp/score-tokens.js";
export { writeLlamaText } from "./llama-cpp/write-text.js";
export { type OpenaiCompatibleOptions, openaiCompatible, openaiCompatibleOptionsSchema } from "./openai/openai-compatible.js";
export type { MemberOutcome, PooledMember } from "./pooled/members.js";
export { type PooledBackend, type PooledBackendOptions, pooledBackend } from "./pooled/pooled-backend.js";
export {
  chatSampling,
  completionSampling,
  requestDefaults,
  type TextSampling,
} from "./request-defaults.js";
export type { Generate, Generation } from "./text/answer-text.js";
export type { GeneratedToken, TokenLogprob } from "./text/generated-token.js";
export { chatPromptOf, type TextPrompt, type TextRequest } from "./text/read-text-request.js";
export { type TextBackendOptions, textBackend, textBackendOptionsSchema } from "./text/text-backend.js";
export { createTokenSampler, type TokenSampler } from "./text/token-sampler.js";
export { tiny } from "./tiny/tiny.js";
export { type TinyOptions, tinyOptionsSchema } from "./tiny/tiny-engine.js";
