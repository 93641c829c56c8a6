export { compareProtocols, isCompatibleVersion, type ProtocolDescription, type ProtocolDifference } from "./compatibility.js";
export { type EpistulaMessage, epistulaMessage, type SessionMessage, sessionMessage } from "./envelope/canonical.js";
export { epistulaHeaders, epistulaHeadersSchema, sessionHeaders, sessionHeadersSchema } from "./envelope/headers.js";
export { type ErrorCode, errorCodes } from "./errors/error-codes.js";
export { VisionError, type VisionErrorOptions } from "./errors/vision-error.js";
export {
  createWireError,
  type WireErrorBody,
  type WireErrorCode,
  wireErrorCodes,
  wireErrorSchema,
  wireErrorStatus,
} from "./errors/wire-error.js";
export {
  type ChatChunk,
  type ChatMessage,
  type ChatRequest,
  type ChatResponse,
  chatChunkSchema,
  chatCompletions,
  chatMaxTokens,
  chatMessageSchema,
  chatMessageText,
  chatRequestSchema,
  chatResponseSchema,
} from "./families/chat-completions.js";
export {
  type CompletionRequest,
  type CompletionResponse,
  completionMaxTokens,
  completionRequestSchema,
  completionResponseSchema,
  completions,
} from "./families/completions.js";
export { families, getFamily } from "./families/families.js";
export {
  type Answer,
  type AnswerCollector,
  type ClaimedToken,
  type FamilyName,
  type FinishReason,
  familyNames,
  type ReplyLimits,
  type TaskFamily,
  type WorkUnit,
} from "./families/family.js";
export {
  DEFAULT_IMAGE_STEPS,
  type ImageRequest,
  type ImageResponse,
  imageGeneration,
  imageRequestSchema,
  imageResponseSchema,
  imageSteps,
} from "./families/image-generation.js";
export { DEFAULT_MAX_TOKENS } from "./families/text-parts.js";
export { isJsonTooDeep } from "./json/json-depth.js";
export { protocolLimits } from "./limits.js";
export { type AnswerTimeLimits, answerTimeLimits } from "./registry/answer-time-limits.js";
export { defaultTasks, defaultTaskWeightsPpm } from "./registry/default-tasks.js";
export {
  changeRegistry,
  createRegistry,
  enabledTasks,
  type TaskChanges,
  type TaskRegistry,
  taskChangesSchema,
} from "./registry/registry.js";
export { type CapacityPerHour, type Task, type TaskCheck, taskCheckSchema, taskIdSchema, taskSchema } from "./registry/task.js";
export {
  type CapacityRequest,
  type CapacityResponse,
  capacityRequestSchema,
  capacityResponseSchema,
  type HelloRequest,
  type HelloResponse,
  helloRequestSchema,
  helloResponseSchema,
  type ParsedCapacity,
  parseCapacities,
  parseOfferedTasks,
  routes,
  type StatusResponse,
  statusResponseSchema,
} from "./routes/routes.js";
export { createSseDecoder, type SseDecoder, type SseDecoderLimits } from "./stream/sse-decoder.js";
export { DONE_EVENT, encodeEvent } from "./stream/sse-encoder.js";
export { PROTOCOL_VERSION } from "./version.js";
