import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ReferenceEngine } from "@vision/checking";
import { createTinyWorker } from "@vision/tiny";

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
