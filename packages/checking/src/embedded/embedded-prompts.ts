import { loadPromptEncoder, type PromptEncoder, type TinyModelName } from "@vision/tiny";
import type { ReferencePrompt } from "../reference-model.js";

/** A prompt as an embedded model reads it. Throws TinyError `TINY_INVALID_INPUT` for one that the model's context does not hold. */
export function encodePrompt(encoder: PromptEncoder, prompt: ReferencePrompt): readonly number[] {
  return prompt.kind === "chat" ? encoder.chatPrompt(prompt.messages, prompt) : encoder.completionPrompt(prompt.text);
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
