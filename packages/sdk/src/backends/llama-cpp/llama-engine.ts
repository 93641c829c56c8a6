import { BackendError } from "../inference-backend.js";
import { type ChatTemplate, loadChatTemplate } from "./chat-template.js";
import {
  type ChatWrapper,
  type Llama,
  type LlamaContext,
  type LlamaModel,
  type LlamaSequence,
  loadNodeLlamaCpp,
} from "./node-llama-cpp.js";
import { readVocabulary, templateSourceOf, type Vocabulary } from "./vocabulary.js";

/** A loaded GGUF model with its free sequences. */
export type LlamaEngine = {
  readonly model: LlamaModel;
  /** Null for a file without one; then `chatWrapper` has to guess. */
  readonly chatTemplate: ChatTemplate | null;
  readonly chatWrapper: ChatWrapper;
  readonly contextTokens: number;
  readonly vocabulary: Vocabulary;
  /**
   * Takes a sequence; `release` empties it and gives it back.
   *
   * @throws BackendError `busy` when all are taken.
   */
  takeSequence(): { readonly sequence: LlamaSequence; release(): Promise<void> };
  dispose(): Promise<void>;
};

/** What an engine is loaded from. */
export type LlamaEngineOptions = {
  readonly modelPath: string;
  readonly threads: number;
  readonly contextTokens: number | undefined;
  readonly concurrency: number;
  readonly gpu: "auto" | false;
};

/**
 * Loads a GGUF model into this process.
 *
 * @throws BackendError `failed` when the package or the model cannot be loaded.
 */
export async function loadLlamaEngine(options: LlamaEngineOptions): Promise<LlamaEngine> {
  const module = await loadNodeLlamaCpp();
  let llama: Llama;
  let model: LlamaModel;
  let context: LlamaContext;
  try {
    llama = await module.getLlama({ gpu: options.gpu, build: "never", logLevel: "error" });
    model = await llama.loadModel({ modelPath: options.modelPath });
    context = await model.createContext({
      sequences: options.concurrency,
      threads: options.threads,
      ...(options.contextTokens === undefined ? {} : { contextSize: options.contextTokens }),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BackendError({ code: "failed", message: `llama.cpp cannot load ${options.modelPath}: ${reason}`, cause });
  }
  const vocabulary = readVocabulary(model.fileInfo.metadata);
  const chatTemplate = await templateOf(model, vocabulary).catch(async (error: unknown) => {
    await llama.dispose();
    throw error;
  });
  const free = Array.from({ length: options.concurrency }, () => context.getSequence());
  return {
    model,
    chatTemplate,
    chatWrapper: module.resolveChatWrapper(model),
    contextTokens: context.contextSize,
    vocabulary,
    takeSequence() {
      const sequence = free.pop();
      if (sequence === undefined) {
        throw new BackendError({
          code: "busy",
          message: `All ${options.concurrency} sequences of the model are in use.`,
          retryAfterMs: 1000,
        });
      }
      return {
        sequence,
        async release() {
          await sequence.clearHistory();
          free.push(sequence);
        },
      };
    },
    async dispose() {
      await context.dispose();
      await llama.dispose();
    },
  };
}

async function templateOf({ fileInfo, tokens }: LlamaModel, { nameOf }: Vocabulary): Promise<ChatTemplate | null> {
  const source = templateSourceOf(fileInfo.metadata);
  const name = (token: number | null) => (token === null ? "" : nameOf(token));
  return source === null ? null : loadChatTemplate(source, { bosToken: name(tokens.bos), eosToken: name(tokens.eos) });
}
