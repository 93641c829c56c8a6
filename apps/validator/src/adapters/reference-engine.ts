import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createTinyWorker, type ImageOptions, type RgbImage, type ScoreOptions, type TinyModelName, type TokenScore } from "@vision/tiny";

/** The embedded models as the reference needs them: in a thread of their own, or in this one. */
export type ReferenceEngine = {
  score(model: TinyModelName, options: ScoreOptions & { readonly signal?: AbortSignal }): Promise<readonly TokenScore[]>;
  /** One vector for each text. */
  embed(
    model: TinyModelName,
    options: { readonly texts: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<readonly ArrayLike<number>[]>;
  generateImage(model: TinyModelName, options: ImageOptions & { readonly signal?: AbortSignal }): Promise<RgbImage>;
  close(): Promise<void>;
};

/** The built program has the worker's module beside it; from the sources the installed package's own is found. */
function bundledWorker(): URL | null {
  const url = new URL("./reference-worker.js", import.meta.url);
  return existsSync(fileURLToPath(url)) ? url : null;
}

/** The models in a worker thread, which keeps the event loop free for miners and users. It starts when first needed. */
export function createWorkerEngine(): ReferenceEngine {
  const workerUrl = bundledWorker();
  return createTinyWorker(workerUrl === null ? {} : { workerUrl });
}
