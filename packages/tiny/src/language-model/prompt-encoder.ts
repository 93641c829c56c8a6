import { type BeginningToken, type ChatMessage, type ChatPromptOptions, encodeChatPrompt, encodeCompletionPrompt } from "../chat-prompt.js";
import { integerOf } from "../gguf/metadata.js";
import { type Gguf, parseGguf } from "../gguf/parse-gguf.js";
import { readModelFile, type TinyModelName } from "../model-files.js";
import { createTokenizer, type Tokenizer } from "../tokenizer/tokenizer.js";

/** The text side of a language model, without its weights: enough to make prompts for a model that runs elsewhere, e.g. in a worker. */
export type PromptEncoder = {
  readonly contextTokens: number;
  readonly tokenizer: Tokenizer;
  readonly endOfTextTokens: readonly number[];
  readonly chatPrompt: (messages: readonly ChatMessage[], options?: ChatPromptOptions) => number[];
  readonly completionPrompt: (text: string) => number[];
};

/** Tokens after which an answer is over: those that the file declares, and `<|endoftext|>`. */
function findEndTokens(gguf: Gguf, tokenizer: Tokenizer): readonly number[] {
  const declared = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"]
    .filter((key) => gguf.metadata.has(key))
    .map((key) => integerOf(gguf, key, { min: 0, max: tokenizer.vocabularySize - 1 }));
  const endOfText = tokenizer.specialTokenId("<|endoftext|>");
  return [...new Set(endOfText === undefined ? declared : [...declared, endOfText])];
}

/** A file that does not say whether the token stands before every text means no: that is what its kind of tokenizer does. */
function findBeginningToken(gguf: Gguf, tokenizer: Tokenizer): BeginningToken {
  const key = "tokenizer.ggml.bos_token_id";
  const tokenId = gguf.metadata.has(key) ? integerOf(gguf, key, { min: 0, max: tokenizer.vocabularySize - 1 }) : undefined;
  return { tokenId, isAlways: gguf.metadata.get("tokenizer.ggml.add_bos_token") === true };
}

/** The text side of a parsed model file. Throws `TINY_INVALID_MODEL` when it has none. */
export function createPromptEncoder(gguf: Gguf): PromptEncoder {
  const tokenizer = createTokenizer(gguf);
  const contextTokens = integerOf(gguf, "llama.context_length", { min: 2, max: 16384 });
  const limits = { tokenizer, contextTokens };
  const beginning = findBeginningToken(gguf, tokenizer);
  return {
    contextTokens,
    tokenizer,
    endOfTextTokens: findEndTokens(gguf, tokenizer),
    chatPrompt: (messages, options) => encodeChatPrompt(messages, limits, options),
    completionPrompt: (text) => encodeCompletionPrompt(text, beginning, limits),
  };
}

/**
 * Loads only the text side of a language model.
 *
 * @throws {@link TinyError} `TINY_INVALID_MODEL` when the file is damaged or of an unsupported kind.
 */
export async function loadPromptEncoder(source: TinyModelName | Uint8Array): Promise<PromptEncoder> {
  return createPromptEncoder(parseGguf(typeof source === "string" ? await readModelFile(source) : source));
}
