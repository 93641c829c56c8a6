import type { ChatMessage, ChatPromptOptions } from "../chat-prompt.js";
import { parseGguf } from "../gguf/parse-gguf.js";
import { createKernels } from "../kernels/kernels.js";
import { readModelFile, type TinyModelName } from "../model-files.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { type Embedding, embedText } from "./embed-text.js";
import { type GeneratedToken, type GenerateOptions, generateTokens, type PickToken } from "./generate-tokens.js";
import { readLanguageModelConfig } from "./language-model-config.js";
import { loadLanguageModelWeights } from "./language-model-weights.js";
import { createPromptEncoder, type PromptEncoder } from "./prompt-encoder.js";
import { type ScoreOptions, scoreTokens, type TokenScore } from "./score-tokens.js";
import { createTransformer } from "./transformer.js";

/** A loaded language model. */
export type LanguageModel = {
  /** Name of the embedded model, or the name that the file gives itself. */
  readonly name: string;
  /** Prompt and answer together. */
  readonly contextTokens: number;
  readonly tokenizer: Tokenizer;
  /** Tokens that end an answer. */
  readonly endOfTextTokens: readonly number[];
  /** Prompt tokens of a conversation, ending with the assistant's header. Throws `TINY_INVALID_INPUT` when it does not fit. */
  readonly chatPrompt: (messages: readonly ChatMessage[], options?: ChatPromptOptions) => number[];
  /** Prompt tokens of a text to be continued. Throws `TINY_INVALID_INPUT` when it does not fit. */
  readonly completionPrompt: (text: string) => number[];
  /**
   * Tokens one by one, until an end token, `maxTokens`, or a full context.
   *
   * Synchronous: let the event loop run between tokens yourself. Any number of generators may run in turns; each holds `cacheBytes` until
   * it ends or `return()` is called on it (a `for` loop does that when it is left), and memory handed back is used again.
   */
  readonly generate: (options: GenerateOptions, pickToken?: PickToken) => Generator<GeneratedToken, void, void>;
  /** What the model thinks of an answer that somebody gave, in one pass over all of it: the same bits that generating it would give. */
  readonly score: (options: ScoreOptions) => TokenScore[];
  /** A text's place in the model's space: texts that are alike lie close. Throws `TINY_INVALID_INPUT` when it does not fit the context. */
  readonly embed: (text: string) => Embedding;
  /** Bytes that one running generator holds. */
  readonly cacheBytes: number;
  /** Bytes of the model with all its buffers, at their peak. */
  readonly memoryBytes: () => number;
};

/**
 * Loads a language model: one that comes with this package, by name, or the bytes of a GGUF file (llama architecture; F32, F16, Q8_0,
 * Q5_0 or Q4_0; byte-level BPE).
 *
 * @throws {@link TinyError} `TINY_INVALID_MODEL` when it is damaged or of an unsupported kind.
 */
export async function loadLanguageModel(source: TinyModelName | Uint8Array): Promise<LanguageModel> {
  const gguf = parseGguf(typeof source === "string" ? await readModelFile(source) : source);
  const encoder: PromptEncoder = createPromptEncoder(gguf);
  const config = readLanguageModelConfig(gguf, encoder.tokenizer.vocabularySize);
  const { kernels, arena } = await createKernels();
  const weights = loadLanguageModelWeights(gguf, config, arena);
  const transformer = createTransformer(config, weights, kernels, arena);
  const engine = { transformer, kernels, arena, encoder };
  return {
    ...encoder,
    name: typeof source === "string" ? source : config.name,
    generate: (options, pickToken) => generateTokens(engine, options, pickToken),
    score: (options) => scoreTokens(engine, options),
    embed: (text) => embedText(engine, text),
    cacheBytes: transformer.cacheBytes,
    memoryBytes: arena.memoryBytes,
  };
}
