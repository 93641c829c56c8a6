import {
  type ChatRequest,
  type CompletionRequest,
  chatMessageText,
  type FamilyName,
  getFamily,
  type ImageRequest,
  VisionError,
} from "@vision/protocol";
import type { Verdict } from "@vision/scoring";
import { chatSampling, completionSampling, type TextSampling } from "@vision/sdk/backends";
import { isModelName, loadPromptEncoder, type PromptEncoder, TinyError, type TinyModelName } from "@vision/tiny";
import type { Reference } from "../ports/index.js";
import type { ReferenceEngine } from "./reference-engine.js";
import { checkImages } from "./reference-images.js";
import { checkText } from "./reference-text.js";

type CheckInput = Parameters<Reference["check"]>[0];
type TextRequest = { readonly promptTokens: readonly number[]; readonly sampling: TextSampling };
type ReadTextRequest = (request: unknown, encoder: PromptEncoder) => TextRequest;

// Prompts and defaults exactly as the SDK's `tiny` backend makes them: the reference must read what the miner read.
const readTextRequest: Readonly<Partial<Record<FamilyName, ReadTextRequest>>> = {
  "chat-completions": (request, encoder) => {
    const chat = request as ChatRequest;
    return {
      promptTokens: encoder.chatPrompt(chat.messages.map((message) => ({ role: message.role, content: chatMessageText(message) }))),
      sampling: chatSampling(chat, 0),
    };
  },
  completions: (request, encoder) => {
    const completion = request as CompletionRequest;
    return { promptTokens: encoder.completionPrompt(completion.prompt), sampling: completionSampling(completion, 0) };
  },
};

const inconclusive = (reason: string): Verdict => ({ kind: "inconclusive", reason });

/**
 * The reference on the embedded models: judges the answers of every task whose model is one of them, exactly, on any machine.
 *
 * Whatever an answer holds ends in a verdict; only the engine's own failures reject, as `REFERENCE_UNAVAILABLE`.
 */
export function createEmbeddedReference(engine: ReferenceEngine): Reference {
  const encoders = new Map<TinyModelName, Promise<PromptEncoder>>();
  const encoderOf = (model: TinyModelName): Promise<PromptEncoder> => {
    const loading = encoders.get(model) ?? loadPromptEncoder(model);
    encoders.set(model, loading);
    loading.catch(() => encoders.delete(model));
    return loading;
  };

  async function judge({ task, request, answer, signal }: CheckInput, model: TinyModelName): Promise<Verdict> {
    const parsed = getFamily(task.family).requestSchema.safeParse(request);
    if (!parsed.success) return inconclusive("the stored request does not fit its family's schema");
    if (answer.kind === "images") {
      if (task.check.kind !== "regenerate") return inconclusive("the stored answer is of another kind");
      return checkImages({ task, model, request: parsed.data as ImageRequest, answer, signal }, engine);
    }
    const read = readTextRequest[task.family];
    if (read === undefined) return inconclusive(`answers of ${task.family} are not text`);
    const encoder = await encoderOf(model);
    const { promptTokens, sampling } = read(parsed.data, encoder);
    const { maxTokens, temperature, seed, stop } = sampling;
    return checkText({ task, model, encoder, promptTokens, maxTokens, temperature, seed, stop, answer, signal }, engine);
  }

  return {
    canCheck: (task) => task.check.kind !== "none" && isModelName(task.model),
    async check(input) {
      const { model } = input.task;
      if (!isModelName(model)) return inconclusive(`there is no embedded model "${model}"`);
      try {
        return await judge(input, model);
      } catch (cause) {
        input.signal.throwIfAborted();
        // The request, not the answer, is out of the model's bounds; a miner could not have answered it either.
        if (TinyError.isInstance(cause, "TINY_INVALID_INPUT")) return inconclusive(cause.message);
        throw new VisionError({
          code: "REFERENCE_UNAVAILABLE",
          message: "The embedded reference does not work at the moment.",
          cause,
        });
      }
    },
    close: () => engine.close(),
  };
}
