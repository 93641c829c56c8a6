import { createTinyWorker, type ImageOptions, type RgbImage, type ScoreOptions, type TinyModelName, type TokenScore } from "@vision/tiny";

/** The embedded models as the reference needs them: in a thread of their own, or in this one. */
export type ReferenceEngine = {
  score(model: TinyModelName, options: ScoreOptions & { readonly signal?: AbortSignal }): Promise<readonly TokenScore[]>;
  generateImage(model: TinyModelName, options: ImageOptions & { readonly signal?: AbortSignal }): Promise<RgbImage>;
  close(): Promise<void>;
};

/**
 * The models in a worker thread, which keeps the event loop free for miners and users.
 *
 * @param workerUrl - Module that runs the worker; left out, the one of the installed `@vision/tiny`.
 */
export function createWorkerEngine(workerUrl?: URL): ReferenceEngine {
  return createTinyWorker(workerUrl === undefined ? {} : { workerUrl });
}
