import { Worker } from "node:worker_threads";
import type { Argon2Parameters } from "./argon2-key.js";

const workerSource = `
const { parentPort, workerData } = require("node:worker_threads");
import(workerData.moduleUrl)
  .then((module) => (module.deriveArgon2Key ?? module.default.deriveArgon2Key)(workerData.parameters))
  .then((key) => parentPort.postMessage(key));
`;

/**
 * {@link deriveArgon2Key} in a worker thread, so that the event loop goes on. The worker gets no environment and imports only the file
 * that holds the derivation. Where that file is TypeScript (run from source) it cannot, and the work is done here.
 *
 * @throws The signal's reason when aborted; the worker is ended.
 */
export async function deriveKeyInWorker(parameters: Argon2Parameters, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const { deriveArgon2Key, moduleUrl } = await import("./argon2-key.js");
  if (moduleUrl.endsWith(".ts")) return deriveArgon2Key(parameters);
  const worker = new Worker(workerSource, { eval: true, env: {}, execArgv: [], workerData: { moduleUrl, parameters } });
  const abort = new AbortController();
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new Error(`The key derivation ended early with code ${code}.`)));
      signal?.addEventListener("abort", () => reject(signal.reason), { signal: abort.signal });
    });
  } finally {
    abort.abort();
    await worker.terminate();
  }
}
