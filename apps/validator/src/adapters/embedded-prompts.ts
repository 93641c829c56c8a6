import { type ChatRequest, type CompletionRequest, chatMessageText, type FamilyName } from "@vision/protocol";
import { chatSampling, completionSampling, type TextSampling } from "@vision/sdk/backends";
import { loadPromptEncoder, type PromptEncoder, type TinyModelName } from "@vision/tiny";

/** A text request as an embedded model reads it. */
export type EmbeddedTextRequest = { readonly promptTokens: readonly number[]; readonly sampling: TextSampling };

/**
 * Prompts and defaults exactly as the SDK's `tiny` backend makes them, by family: the validator must read what the miner read. The requests
 * are ones that the family's schema has parsed.
 *
 * @throws TinyError `TINY_INVALID_INPUT` for a prompt that the model's context does not hold.
 */
export const readTextRequest: Readonly<Partial<Record<FamilyName, (request: unknown, encoder: PromptEncoder) => EmbeddedTextRequest>>> = {
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

/** Loads each model's tokenizer when it is first needed, once; one that could not be loaded is tried again at the next call. */
export function createEncoderCache(load: typeof loadPromptEncoder = loadPromptEncoder): (model: TinyModelName) => Promise<PromptEncoder> {
  const encoders = new Map<TinyModelName, Promise<PromptEncoder>>();
  return (model) => {
    const loading = encoders.get(model) ?? load(model);
    encoders.set(model, loading);
    loading.catch(() => encoders.delete(model));
    return loading;
  };
}
