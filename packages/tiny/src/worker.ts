import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { serveRequests } from "./worker/serve-requests.js";
import { TINY_WORKER_MARK } from "./worker/worker-messages.js";

let isServing = false;

/**
 * Serves the requests of `createTinyWorker`, in the worker thread that it started. Elsewhere, and the second time, it does nothing.
 *
 * This module calls it by itself when it is loaded. A bundled program needs an entry of its own with this one line, and passes the URL of
 * what becomes of it as `workerUrl`:
 *
 * @example
 * ```ts
 * import { runTinyWorker } from "@vision/tiny/worker";
 *
 * runTinyWorker();
 * ```
 */
export function runTinyWorker(): void {
  if (isServing || isMainThread || parentPort === null || workerData !== TINY_WORKER_MARK) return;
  isServing = true;
  serveRequests(parentPort);
}

runTinyWorker();
