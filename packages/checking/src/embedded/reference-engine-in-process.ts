import {
  type GeneratedToken,
  type ImageModel,
  type LanguageModel,
  loadImageModel,
  loadLanguageModel,
  type TinyModelName,
} from "@vision/tiny";
import type { ReferenceEngine } from "./reference-engine.js";

/** The models in this thread: for tools and tests that run no event loop worth keeping free. Each is loaded when first needed. */
export function createInProcessEngine(): ReferenceEngine {
  const languageModels = new Map<TinyModelName, Promise<LanguageModel>>();
  const imageModels = new Map<TinyModelName, Promise<ImageModel>>();
  const loadOnce = <Model>(
    models: Map<TinyModelName, Promise<Model>>,
    name: TinyModelName,
    load: (name: TinyModelName) => Promise<Model>,
  ) => {
    const loading = models.get(name) ?? load(name);
    models.set(name, loading);
    return loading;
  };
  return {
    async score(model, { signal, ...options }) {
      const loaded = await loadOnce(languageModels, model, loadLanguageModel);
      signal?.throwIfAborted();
      return loaded.score(options);
    },
    async embed(model, { texts, signal }) {
      const loaded = await loadOnce(languageModels, model, loadLanguageModel);
      return texts.map((text) => {
        signal?.throwIfAborted();
        return loaded.embed(text).vector;
      });
    },
    async generateText(model, { signal, ...options }) {
      const loaded = await loadOnce(languageModels, model, loadLanguageModel);
      const tokens: GeneratedToken[] = [];
      for (const token of loaded.generate(options)) {
        signal?.throwIfAborted();
        tokens.push(token);
      }
      return tokens;
    },
    async generateImage(model, { signal, ...options }) {
      const loaded = await loadOnce(imageModels, model, loadImageModel);
      const steps = loaded.generate(options);
      for (;;) {
        signal?.throwIfAborted();
        const step = steps.next();
        if (step.done) return step.value;
      }
    },
    async close() {},
  };
}
