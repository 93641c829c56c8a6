export { anySignal } from "./abort/any-signal.js";
export { capacityBurstUnits, MINER_BURST_HOURS, VALIDATOR_BURST_HOURS } from "./capacity-burst.js";
export { compareProtocols, isCompatibleVersion, type ProtocolDescription, type ProtocolDifference } from "./compatibility.js";
export { type EpistulaMessage, epistulaMessage, type SessionMessage, sessionMessage } from "./envelope/canonical.js";
export { epistulaHeaders, epistulaHeadersSchema, sessionHeaders, sessionHeadersSchema } from "./envelope/headers.js";
export {
  answerTranscript,
  RECEIPT_HEADER,
  RECEIPT_WANTED,
  type ReceiptMessage,
  readReceiptEvent,
  receiptEvent,
  receiptMessage,
} from "./envelope/receipt.js";
export { VERDICTS_PATH, type VerdictsMessage, verdictsMessage, verdictsTranscript } from "./envelope/verdicts.js";
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
export type { Answer, AnswerPart, ClaimedToken, FinishReason, ToolCallPart } from "./families/answer.js";
export { chatCompletions } from "./families/chat-completions/family.js";
export {
  type ChatMessage,
  type ChatRequest,
  chatMaxTokens,
  chatMessageSchema,
  chatMessageText,
  chatRequestSchema,
  isContinued,
} from "./families/chat-completions/request.js";
export { completions } from "./families/completions/family.js";
export { type CompletionRequest, completionMaxTokens, completionRequestSchema } from "./families/completions/request.js";
export { embeddings } from "./families/embeddings/family.js";
export { type EmbeddingRequest, embeddingInputs, embeddingRequestSchema, embeddingTokens } from "./families/embeddings/request.js";
export { decodeVector, encodeVector } from "./families/embeddings/vectors.js";
export {
  type FamilyHandlers,
  type FamilyName,
  type FamilyRequests,
  families,
  familyNames,
  getFamily,
  handleByFamily,
  type TaskFamily,
} from "./families/families.js";
export {
  type AddedParts,
  type AnswerCollector,
  type AnswerIdentity,
  type AnswerPresenter,
  type AnswerUsage,
  type BegunAnswer,
  defineFamily,
  type Family,
  type NormaliseOptions,
  type PresentedEvent,
  type ReplyLimits,
  type RequestBody,
  type TaskFacts,
  type Unsupported,
  type WorkUnit,
} from "./families/family.js";
export { imageEdits } from "./families/image-edits/family.js";
export { DEFAULT_EDIT_STRENGTH, editSteps, type ImageEditRequest, imageEditRequestSchema } from "./families/image-edits/request.js";
export { startImageBase64, startImageUrl } from "./families/image-edits/start-image.js";
export { imageGeneration } from "./families/image-generation/family.js";
export { DEFAULT_IMAGE_STEPS, type ImageRequest, imageRequestSchema, imageSteps } from "./families/image-generation/request.js";
export { type TaskCapability, taskCapabilities } from "./families/task-abilities.js";
export { readContent, type SaidContent } from "./families/text/read-content.js";
export { DEFAULT_MAX_TOKENS } from "./families/text/text-parts.js";
export { findJsonExcess, isJsonTooDeep, type JsonBounds, type JsonExcess } from "./json/find-json-excess.js";
export { replaceHalfCharacters } from "./json/replace-half-characters.js";
export { protocolLimits } from "./limits.js";
export { type AnswerPace, type AnswerTimeLimits, answerTimeLimits, createAnswerPace } from "./registry/answer-time-limits.js";
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
export { type ChainReport, chainReportSchema } from "./reports/chain-report.js";
export { type FaultCode, faultCodes } from "./reports/fault-codes.js";
export { type HistoryReport, historyReportSchema, type PeriodSummary, periodSummarySchema } from "./reports/history-report.js";
export { type LiveReport, liveReportSchema } from "./reports/live-report.js";
export { type MinerNames, minerNamesSchema } from "./reports/miner-names.js";
export {
  changeKeyRequestSchema,
  creditRequestSchema,
  type KeyLimits,
  MOST_BUDGET_UNITS,
  type NewKey,
  newKeyRequestSchema,
  newKeySchema,
  type OperatorReport,
  operatorReportSchema,
} from "./reports/operator-reports.js";
export {
  type PeriodReport,
  type PeriodTaskReport,
  periodMinerReportSchema,
  periodReportSchema,
  periodTaskReportSchema,
} from "./reports/period-report.js";
export { type PeriodRequests, periodRequestsSchema, type RequestDot } from "./reports/period-requests.js";
export { REACH_PATH, type ReachReport, type ReachRequest, reachReportSchema, reachRequestSchema } from "./reports/reach-report.js";
export { type RequestReport, type RequestVerdict, requestReportSchema } from "./reports/request-report.js";
export { type UsageReport, usageReportSchema } from "./reports/usage-report.js";
export {
  type MinerVerdict,
  type VerdictsPage,
  type VerdictsRequest,
  verdictsPageSchema,
  verdictsRequestSchema,
} from "./reports/verdicts-page.js";
export {
  type CapacityRequest,
  type CapacityResponse,
  capacityRequestSchema,
  capacityResponseSchema,
  defaultSampler,
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
export { type Candidates, type Truncation, truncationOf } from "./sampling/candidates.js";
export { drawProbabilities, type PossibleToken, type TokenKind } from "./sampling/draw-probabilities.js";
export { type Draw, drawToken } from "./sampling/draw-token.js";
export { drawHash, gumbelNoise, sglangNoise } from "./sampling/gumbel-noise.js";
export { type DrawnAnswer, MAX_MARGIN_NATS, measureDraws } from "./sampling/measure-draws.js";
export { measureSurprise, type Surprise } from "./sampling/measure-surprise.js";
export { createMersenneTwister, type MersenneTwister } from "./sampling/mersenne-twister.js";
export { createLogitShift, type LogitShift } from "./sampling/penalties.js";
export { type SamplerName, samplerNames, samplerSchema } from "./sampling/samplers.js";
export { readSamplingRules, type SamplingRules } from "./sampling/sampling-rules.js";
export type { ScoredPosition } from "./sampling/scored-position.js";
export { createSseDecoder, type SseDecoder, type SseDecoderLimits } from "./stream/sse-decoder.js";
export { DONE_EVENT, encodeEvent, encodeEventText } from "./stream/sse-encoder.js";
export { PROTOCOL_VERSION } from "./version.js";
