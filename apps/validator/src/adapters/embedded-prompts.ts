import { chatMessageText, type FamilyHandlers, type FamilyName, handleByFamily, type RequestBody } from "@vision/protocol";
import { chatSampling, completionSampling, type TextSampling } from "@vision/sdk/backends";
import { loadPromptEncoder, type PromptEncoder, type TinyModelName } from "@vision/tiny";

/** A text request as an embedded model reads it. */
export type EmbeddedTextRequest = { readonly promptTokens: readonly number[]; readonly sampling: TextSampling };

type ReadText = (encoder: PromptEncoder) => EmbeddedTextRequest;

const readers: Partial<FamilyHandlers<[], ReadText>> = {
  "chat-completions": (chat) => (encoder) => ({
    promptTokens: encoder.chatPrompt(chat.messages.map((message) => ({ role: message.role, content: chatMessageText(message) }))),
    sampling: chatSampling(chat, 0),
  }),
  completions: (completion) => (encoder) => ({
    promptTokens: encoder.completionPrompt(completion.prompt),
    sampling: completionSampling(completion, 0),
  }),
};

/**
 * Reads prompt and defaults exactly as the SDK's `tiny` backend makes them: the validator must read what the miner read. The request is one
 * that the family's schema has parsed. Null where the family's requests are not for text; reading throws TinyError `TINY_INVALID_INPUT`
 * for a prompt that the model's context does not hold.
 */
export function textRequestReader(family: FamilyName, request: RequestBody): ReadText | null {
  return handleByFamily(readers, family, request);
}

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
