import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { ImageOptions } from "../image-model/image-model.js";
import type { RgbImage } from "../image-model/rgb-image.js";
import type { GeneratedToken, GenerateOptions } from "../language-model/generate-tokens.js";
import type { ScoreOptions, TokenScore } from "../language-model/score-tokens.js";
import type { TinyModelName } from "../model-files.js";
import { TinyError } from "../tiny-error.js";
import {
  type EmbedOptions,
  type MessageFromWorker,
  type MessageToWorker,
  TINY_WORKER_MARK,
  type WorkerFailure,
  type WorkerRequest,
  type WorkerResults,
} from "./worker-messages.js";

/** How to start the worker. */
export type TinyWorkerOptions = {
  /**
   * Module that runs `runTinyWorker` of `@vision/tiny/worker`. Left out, it is looked up as `@vision/tiny/worker` in the installed
   * package; a program that bundles this package from its sources has to name its own.
   */
  readonly workerUrl?: URL | string;
};

/** Lets a call be given up; it then rejects with the signal's reason. */
export type WithSignal = { readonly signal?: AbortSignal };

/**
 * The embedded models in a thread of their own, which keeps the caller's event loop free.
 *
 * The thread starts at the first call and keeps the models it has loaded. It does not keep the process alive while nothing is asked of it.
 * Calls reject with what the model would throw; with `TINY_WORKER_FAILED` when the thread dies, after which the next call starts a new one.
 */
export type TinyWorker = {
  readonly score: (model: TinyModelName, options: ScoreOptions & WithSignal) => Promise<TokenScore[]>;
  /** One vector for each text. */
  readonly embed: (model: TinyModelName, options: EmbedOptions & WithSignal) => Promise<Float32Array[]>;
  readonly generateText: (model: TinyModelName, options: GenerateOptions & WithSignal) => Promise<GeneratedToken[]>;
  readonly generateImage: (model: TinyModelName, options: ImageOptions & WithSignal) => Promise<RgbImage>;
  /** Stops the thread. Calls still waiting, and later ones, reject with `TINY_WORKER_FAILED`. */
  readonly close: () => Promise<void>;
};

type PendingCall = { readonly resolve: (result: unknown) => void; readonly reject: (error: unknown) => void };

function workerFailed(message: string, cause?: unknown): TinyError {
  return new TinyError({ code: "TINY_WORKER_FAILED", message, cause });
}

function findWorker(): string {
  try {
    return createRequire(import.meta.url).resolve("@vision/tiny/worker");
  } catch (cause) {
    throw workerFailed("The worker's module was not found. Install the built @vision/tiny, or pass workerUrl.", cause);
  }
}

function errorOf({ message, code, facts }: WorkerFailure): Error {
  if (code === "TINY_INVALID_MODEL" || code === "TINY_INVALID_INPUT") return new TinyError({ code, message, facts: facts ?? {} });
  return workerFailed(`The embedded model failed: ${message}`);
}

/** A worker for the embedded models; nothing is started yet. */
export function createTinyWorker(options: TinyWorkerOptions = {}): TinyWorker {
  const pending = new Map<number, PendingCall>();
  let worker: Worker | undefined;
  let lastId = 0;
  let isClosed = false;

  function settle(id: number): PendingCall | undefined {
    const call = pending.get(id);
    pending.delete(id);
    if (pending.size === 0) worker?.unref();
    return call;
  }

  function failAll(error: TinyError): void {
    for (const id of [...pending.keys()]) settle(id)?.reject(error);
  }

  function startWorker(): Worker {
    const started = new Worker(options.workerUrl ?? findWorker(), { workerData: TINY_WORKER_MARK });
    started.unref();
    const onDeath = (error: TinyError) => {
      if (worker !== started) return;
      worker = undefined;
      failAll(error);
    };
    started.on("message", (message: MessageFromWorker) => {
      const call = settle(message.id);
      if (message.ok) call?.resolve(message.result);
      else call?.reject(errorOf(message.failure));
    });
    started.on("error", (cause) => onDeath(workerFailed("The worker thread failed.", cause)));
    started.on("exit", (exitCode) => onDeath(workerFailed(`The worker thread ended with exit code ${exitCode}.`)));
    return started;
  }

  function post(message: MessageToWorker): void {
    worker ??= startWorker();
    worker.postMessage(message);
  }

  async function call<Kind extends WorkerRequest["kind"]>(
    request: Extract<WorkerRequest, { readonly kind: Kind }>,
    signal: AbortSignal | undefined,
  ): Promise<WorkerResults[Kind]> {
    if (isClosed) throw workerFailed("The worker is closed.");
    signal?.throwIfAborted();
    lastId += 1;
    const id = lastId;
    post({ type: "request", id, request });
    worker?.ref();
    let onAbort: (() => void) | undefined;
    try {
      return await new Promise<WorkerResults[Kind]>((resolve, reject) => {
        // The worker answers each kind of request with its own kind of result.
        pending.set(id, { resolve: (result) => resolve(result as WorkerResults[Kind]), reject });
        onAbort = () => {
          settle(id)?.reject(signal?.reason);
          worker?.postMessage({ type: "cancel", id } satisfies MessageToWorker);
        };
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    } finally {
      if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
    }
  }

  return {
    score: (model, { signal, ...rest }) => call({ kind: "score", model, options: rest }, signal),
    embed: (model, { signal, ...rest }) => call({ kind: "embed", model, options: rest }, signal),
    generateText: (model, { signal, ...rest }) => call({ kind: "generateText", model, options: rest }, signal),
    generateImage: (model, { signal, ...rest }) => call({ kind: "generateImage", model, options: rest }, signal),
    async close() {
      isClosed = true;
      const closing = worker;
      worker = undefined;
      failAll(workerFailed("The worker was closed."));
      await closing?.terminate();
    },
  };
}
