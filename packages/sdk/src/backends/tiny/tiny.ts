import { type ChatRequest, type CompletionRequest, chatMessageText, type FamilyName } from "@vision/protocol";
import { parseOptions } from "../../runtime/parse-options.js";
import { createAnswerIdentity } from "../answer-identity.js";
import type { BackendCall, BackendPart, InferenceBackend } from "../inference-backend.js";
import { throwIfCancelled } from "../next-turn.js";
import { chatSampling, completionSampling } from "../request-defaults.js";
import { chatFormat, completionFormat } from "../text/text-format.js";
import { createTinyEngine, type TinyEngine, type TinyOptions, tinyFailure, tinyOptionsSchema } from "./tiny-engine.js";
import { answerTinyImages } from "./tiny-images.js";
import { answerTinyText } from "./tiny-text.js";

type Answer = (call: BackendCall, engine: TinyEngine) => AsyncGenerator<BackendPart, void>;

const answers: Readonly<Record<FamilyName, Answer>> = {
  "chat-completions": async function* (call, engine) {
    const request = call.request as ChatRequest;
    const model = await engine.languageModel(request.model);
    const identity = createAnswerIdentity(chatFormat.idPrefix);
    const promptTokens = model.chatPrompt(request.messages.map((message) => ({ role: message.role, content: chatMessageText(message) })));
    const sampling = chatSampling(request, identity.fallbackSeed);
    yield* answerTinyText(call, { model, modelName: request.model, promptTokens, sampling, identity, format: chatFormat });
  },
  completions: async function* (call, engine) {
    const request = call.request as CompletionRequest;
    const model = await engine.languageModel(request.model);
    const identity = createAnswerIdentity(completionFormat.idPrefix);
    const promptTokens = model.completionPrompt(request.prompt);
    const sampling = completionSampling(request, identity.fallbackSeed);
    yield* answerTinyText(call, { model, modelName: request.model, promptTokens, sampling, identity, format: completionFormat });
  },
  "image-generation": answerTinyImages,
};

/**
 * Backend on the embedded models of `@vision/tiny`: chat, completions and images in this process, with no GPU and no download.
 *
 * The same request gives the same answer to the bit on every machine. `top_p` is not supported by the exact sampler and is ignored.
 * Models are loaded at the first request that needs them. Work is cut at every token and every denoising step, so that requests advance
 * side by side; it is still one thread, so the sum of what a miner declares must fit one core.
 *
 * @throws VisionError `SDK_INVALID_OPTIONS` naming every mistake in the options at once.
 *
 * @example
 * ```ts
 * const miner = createMiner({ hotkey, tasks: { "chat-tiny": { capacityPerHour: 60_000 } }, backend: tiny() });
 * ```
 */
export function tiny(options: TinyOptions = {}): InferenceBackend {
  parseOptions("tiny", tinyOptionsSchema, options);
  const engine = createTinyEngine(options);
  return {
    name: "tiny",
    async *run(call) {
      throwIfCancelled(call.signal);
      try {
        yield* answers[call.family.name](call, engine);
      } catch (error) {
        throw tinyFailure(error);
      }
    },
    async checkHealth() {
      try {
        await import("@vision/tiny");
        return { isHealthy: true };
      } catch (error) {
        return { isHealthy: false, detail: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
