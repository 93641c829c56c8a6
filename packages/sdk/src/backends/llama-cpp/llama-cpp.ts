import { type ChatRequest, type CompletionRequest, chatMessageText, type FamilyName } from "@vision/protocol";
import { z } from "zod";
import { parseOptions } from "../../runtime/parse-options.js";
import { type AnswerIdentity, createAnswerIdentity } from "../answer-identity.js";
import { type BackendCall, BackendError, type BackendPart, type InferenceBackend } from "../inference-backend.js";
import { throwIfCancelled } from "../next-turn.js";
import { chatSampling, completionSampling, type TextSampling } from "../request-defaults.js";
import { chatFormat, completionFormat, type TextFormat } from "../text/text-format.js";
import { writeTextAnswer } from "../text/write-text-answer.js";
import { generateTokens } from "./generate-tokens.js";
import { type LlamaEngine, loadLlamaEngine } from "./llama-engine.js";

/** Options of {@link llamaCpp}. */
export type LlamaCppOptions = {
  /** A GGUF file. */
  readonly modelPath: string;
  /** Threads for the parts that run on the processor. 1 is fastest for models of a few million parameters; give a large one your cores. */
  readonly threads?: number;
  /** Longest prompt plus answer, tokens; as much as fits memory by default. */
  readonly contextTokens?: number;
  /** Requests answered at a time; each takes its share of the memory. */
  readonly concurrency?: number;
  /** `false` keeps the model on the processor. */
  readonly gpu?: "auto" | false;
};

/** Parser of {@link LlamaCppOptions}. */
export const llamaCppOptionsSchema = z.strictObject({
  modelPath: z.string().min(1),
  threads: z.int().min(0).max(1024).default(1),
  contextTokens: z.int().min(16).optional(),
  concurrency: z.int().min(1).max(256).default(4),
  gpu: z.union([z.literal("auto"), z.literal(false)]).default("auto"),
});

type Prompt = {
  readonly tokens: readonly number[];
  readonly sampling: TextSampling;
  readonly format: TextFormat;
  readonly identity: AnswerIdentity;
  readonly model: string;
};

const prompts: Readonly<Record<FamilyName, ((engine: LlamaEngine, request: unknown) => Prompt) | null>> = {
  "chat-completions": (engine, value) => {
    const request = value as ChatRequest;
    const identity = createAnswerIdentity(chatFormat.idPrefix);
    const tokens = chatPrompt(engine, request);
    return { tokens, sampling: chatSampling(request, identity.fallbackSeed), format: chatFormat, identity, model: request.model };
  },
  completions: (engine, value) => {
    const request = value as CompletionRequest;
    const identity = createAnswerIdentity(completionFormat.idPrefix);
    const { bos, shouldPrependBosToken } = engine.model.tokens;
    const text = engine.model.tokenize(request.prompt, false);
    // An empty prompt still needs a token to start from.
    const tokens = bos !== null && (shouldPrependBosToken || text.length === 0) ? [bos, ...text] : text;
    return {
      tokens,
      sampling: completionSampling(request, identity.fallbackSeed),
      format: completionFormat,
      identity,
      model: request.model,
    };
  },
  "image-generation": null,
};

/**
 * Backend that runs a GGUF model in this process with llama.cpp, through the optional package `node-llama-cpp` (3.22 or later).
 *
 * Chat uses the chat template of the file. Every token carries its logprob, so answers can be checked. The model is loaded at the first
 * request or health check. Sampling is Gumbel-max on the request's seed, with the noise of the embedded models; `top_p` is ignored.
 *
 * @throws VisionError `SDK_INVALID_OPTIONS` naming every mistake in the options at once.
 */
export function llamaCpp(options: LlamaCppOptions): InferenceBackend {
  const { modelPath, threads, contextTokens, concurrency, gpu } = parseOptions("llamaCpp", llamaCppOptionsSchema, options);
  let loading: Promise<LlamaEngine> | undefined;
  const loadEngine = () => {
    loading ??= loadLlamaEngine({ modelPath, threads, contextTokens, concurrency, gpu }).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };

  return {
    name: "llama-cpp",
    async *run(call) {
      throwIfCancelled(call.signal);
      const prepare = prompts[call.family.name];
      if (prepare === null) throw new BackendError({ code: "invalid", message: `llama.cpp does not serve ${call.family.name}.` });
      const engine = await loadEngine();
      try {
        yield* answer(call, engine, prepare(engine, call.request));
      } catch (error) {
        if (BackendError.isInstance(error)) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        throw new BackendError({ code: "failed", message: `llama.cpp failed: ${reason}`, cause: error });
      }
    },
    async checkHealth() {
      try {
        await loadEngine();
        return { isHealthy: true };
      } catch (error) {
        return { isHealthy: false, detail: error instanceof Error ? error.message : String(error) };
      }
    },
    async close() {
      const engine = await loading?.catch(() => undefined);
      loading = undefined;
      await engine?.dispose();
    },
  };
}

async function* answer(call: BackendCall, engine: LlamaEngine, prompt: Prompt): AsyncGenerator<BackendPart, void> {
  const room = engine.contextTokens - prompt.tokens.length;
  if (prompt.tokens.length === 0 || room < 1) {
    throw new BackendError({
      code: "invalid",
      message: `The prompt has ${prompt.tokens.length} tokens; it must have at least 1 and, with the answer, at most ${engine.contextTokens}.`,
    });
  }
  const tokens = generateTokens(engine, {
    promptTokens: prompt.tokens,
    maxTokens: Math.min(prompt.sampling.maxTokens, room),
    sampling: prompt.sampling,
    signal: call.signal,
  });
  yield* writeTextAnswer(tokens, {
    format: prompt.format,
    id: prompt.identity.id,
    createdSeconds: prompt.identity.createdSeconds,
    model: prompt.model,
    promptTokens: prompt.tokens.length,
    stop: prompt.sampling.stop,
    hasLogprobs: prompt.sampling.hasLogprobs,
    hasUsage: prompt.sampling.hasUsage,
    isStream: call.isStream,
  });
}

function chatPrompt(engine: LlamaEngine, request: ChatRequest): readonly number[] {
  const history = request.messages.map((message) => {
    const text = chatMessageText(message);
    if (message.role === "assistant") return { type: "model", response: [text] } as const;
    const isSystem = message.role === "system" || message.role === "developer";
    return { type: isSystem ? "system" : "user", text } as const;
  });
  const state = engine.chatWrapper.generateContextState({ chatHistory: [...history, { type: "model", response: [] }] });
  const tokens = state.contextText.tokenize(engine.model.tokenizer);
  const { bos, shouldPrependBosToken } = engine.model.tokens;
  // The wrapper puts the beginning-of-text token in front even where the file says not to.
  return !shouldPrependBosToken && tokens[0] === bos ? tokens.slice(1) : tokens;
}
