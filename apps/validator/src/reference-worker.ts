import { runTinyWorker } from "@vision/tiny/worker";

// The bundled program's own copy of the worker that the embedded reference runs in; see adapters/worker-engine.ts.
runTinyWorker();
