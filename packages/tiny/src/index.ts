export type { ChatMessage } from "./chat-prompt.js";
export type { GeneratedToken, GenerateOptions, TokenLogprob } from "./language-model/generate-tokens.js";
export { type LanguageModel, loadLanguageModel } from "./language-model/language-model.js";
export { loadPromptEncoder, type PromptEncoder } from "./language-model/prompt-encoder.js";
export type { ScoreOptions, TokenScore } from "./language-model/score-tokens.js";
export { isModelName, modelNames, readModelFile, type TinyModelName } from "./model-files.js";
export { TinyError, type TinyErrorCode, type TinyErrorOptions } from "./tiny-error.js";
export type { Tokenizer } from "./tokenizer/tokenizer.js";
export { createUtf8Stream, type Utf8Stream } from "./tokenizer/utf8-stream.js";
