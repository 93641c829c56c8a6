export { createEncoderCache, encodePrompt } from "./embedded/embedded-prompts.js";
export { canEmbeddedCheck, createEmbeddedReference } from "./embedded/reference-embedded.js";
export type { ReferenceEngine } from "./embedded/reference-engine.js";
export { createInProcessEngine } from "./embedded/reference-engine-in-process.js";
export { createEnginePool } from "./embedded/reference-engine-pool.js";
export { createEmbeddedModel } from "./embedded/reference-model-embedded.js";
export { isCheckable } from "./is-checkable.js";
export { coarsenGgufFile } from "./models/coarsen-gguf-file.js";
export { createModelReference } from "./models/create-model-reference.js";
export { createReferenceModel, findMissingPackages, type ReferenceModelSettings } from "./models/create-reference-model.js";
export { hashFile } from "./models/reference-model-gguf.js";
export {
  type CheckOfOwnAnswers,
  type CheckOwnAnswersOptions,
  type CheckProgress,
  checkOwnAnswers,
} from "./own-answers/check-own-answers.js";
export type { AnswerFinding } from "./own-answers/finding.js";
export { type FaultCount, type PayOutlook, summariseFindings, type TaskFindings } from "./own-answers/summarise-findings.js";
export type { Reference } from "./reference.js";
export type { ModelFacts, ReferenceModel, ReferencePrompt, Unusable, WrittenText } from "./reference-model.js";
export { drawSyntheticRequest } from "./synthetic/draw-request.js";
export { drawHabits, type Habits } from "./synthetic/habits.js";
export { drawSeed } from "./synthetic/request-shape.js";
export { groupConversations, type SharedConversation, type SharedRequest } from "./synthetic/shared-conversations.js";
export { createSyntheticSource, type DrawnRequest, type SharedSource, type SyntheticSource } from "./synthetic/synthetic-source.js";
export { checkTextRequest } from "./text/reference-text-request.js";
export { readTextRequest } from "./text/text-requests.js";
export { type WritingRequest, writeByModel } from "./written/write-by-model.js";
export { isWritable, type WriteText, writeConversation, writeSystemText } from "./written/write-conversation.js";
