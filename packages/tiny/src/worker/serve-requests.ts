import { setImmediate as nextTurn } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import { type ImageModel, type ImageOptions, loadImageModel } from "../image-model/image-model.js";
import type { RgbImage } from "../image-model/rgb-image.js";
import type { GeneratedToken, GenerateOptions } from "../language-model/generate-tokens.js";
import { type LanguageModel, loadLanguageModel } from "../language-model/language-model.js";
import type { TinyModelName } from "../model-files.js";
import { TinyError } from "../tiny-error.js";
import type { EmbedOptions, MessageFromWorker, MessageToWorker, WorkerFailure, WorkerRequest, WorkerResults } from "./worker-messages.js";

/** Loads each model once; one that failed to load is tried again at the next request. */
function remember<Model>(load: (name: TinyModelName) => Promise<Model>): (name: TinyModelName) => Promise<Model> {
  const models = new Map<TinyModelName, Promise<Model>>();
  return (name) => {
    const known = models.get(name);
    if (known !== undefined) return known;
    const loading = load(name);
    models.set(name, loading);
    loading.catch(() => models.delete(name));
    return loading;
  };
}

function describeFailure(error: unknown): WorkerFailure {
  if (TinyError.isInstance(error)) return { message: error.message, code: error.code, facts: error.facts };
  return { message: error instanceof Error ? error.message : String(error) };
}

/**
 * Answers the requests that arrive at a port, several in turns: a long generation gives way to others after every token or step.
 *
 * Errors are answers too; nothing is thrown.
 */
export function serveRequests(port: Pick<MessagePort, "on" | "postMessage">): void {
  const languageModel = remember<LanguageModel>(loadLanguageModel);
  const imageModel = remember<ImageModel>(loadImageModel);
  const running = new Set<number>();

  async function embed(id: number, name: TinyModelName, { texts }: EmbedOptions): Promise<Float32Array[]> {
    const model = await languageModel(name);
    const vectors: Float32Array[] = [];
    for (const text of texts) {
      await nextTurn();
      if (!running.has(id)) break;
      vectors.push(model.embed(text).vector);
    }
    return vectors;
  }

  async function generateText(id: number, model: TinyModelName, options: GenerateOptions): Promise<GeneratedToken[]> {
    const tokens: GeneratedToken[] = [];
    for (const token of (await languageModel(model)).generate(options)) {
      tokens.push(token);
      await nextTurn();
      if (!running.has(id)) break;
    }
    return tokens;
  }

  async function generateImage(id: number, model: TinyModelName, options: ImageOptions): Promise<RgbImage | undefined> {
    const steps = (await imageModel(model)).generate(options);
    for (let turn = steps.next(); running.has(id); turn = steps.next()) {
      if (turn.done === true) return turn.value;
      await nextTurn();
    }
    return undefined;
  }

  async function answer(id: number, request: WorkerRequest): Promise<WorkerResults[WorkerRequest["kind"]] | undefined> {
    switch (request.kind) {
      case "score": {
        const model = await languageModel(request.model);
        await nextTurn();
        return running.has(id) ? model.score(request.options) : undefined;
      }
      case "embed":
        return embed(id, request.model, request.options);
      case "generateText":
        return generateText(id, request.model, request.options);
      case "generateImage":
        return generateImage(id, request.model, request.options);
    }
  }

  async function handle(id: number, request: WorkerRequest): Promise<void> {
    let reply: MessageFromWorker | undefined;
    try {
      const result = await answer(id, request);
      if (result !== undefined) reply = { id, ok: true, result };
    } catch (error) {
      reply = { id, ok: false, failure: describeFailure(error) };
    }
    if (running.delete(id) && reply !== undefined) port.postMessage(reply);
  }

  port.on("message", (message: MessageToWorker) => {
    if (message.type === "cancel") {
      running.delete(message.id);
      return;
    }
    running.add(message.id);
    void handle(message.id, message.request);
  });
}
