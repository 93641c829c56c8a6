import type { ImageOptions } from "../image-model/image-model.js";
import type { RgbImage } from "../image-model/rgb-image.js";
import type { GeneratedToken, GenerateOptions } from "../language-model/generate-tokens.js";
import type { ScoreOptions, TokenScore } from "../language-model/score-tokens.js";
import type { TinyModelName } from "../model-files.js";

/** Texts to embed, in order. */
export type EmbedOptions = { readonly texts: readonly string[] };

/** What a worker can be asked to do. */
export type WorkerRequest =
  | { readonly kind: "score"; readonly model: TinyModelName; readonly options: ScoreOptions }
  | { readonly kind: "embed"; readonly model: TinyModelName; readonly options: EmbedOptions }
  | { readonly kind: "generateText"; readonly model: TinyModelName; readonly options: GenerateOptions }
  | { readonly kind: "generateImage"; readonly model: TinyModelName; readonly options: ImageOptions };

/** What each kind of request is answered with. */
export type WorkerResults = {
  readonly score: TokenScore[];
  readonly embed: Float32Array[];
  readonly generateText: GeneratedToken[];
  readonly generateImage: RgbImage;
};

/** From the program to the worker. `cancel`: nobody waits for the answer any more. */
export type MessageToWorker =
  | { readonly type: "request"; readonly id: number; readonly request: WorkerRequest }
  | { readonly type: "cancel"; readonly id: number };

/** An error, as it crosses the thread boundary. `code`: of a TinyError; other errors have none. */
export type WorkerFailure = { readonly message: string; readonly code?: string; readonly facts?: Readonly<Record<string, unknown>> };

/** From the worker to the program: exactly one for each request, unless it was cancelled. */
export type MessageFromWorker =
  | { readonly id: number; readonly ok: true; readonly result: WorkerResults[WorkerRequest["kind"]] }
  | { readonly id: number; readonly ok: false; readonly failure: WorkerFailure };

/** What `createTinyWorker` puts into `workerData`, so that the worker's module knows it was started for this. */
export const TINY_WORKER_MARK = "vision-tiny-worker";
