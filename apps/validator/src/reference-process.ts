import { runModelProcess } from "./threads/run-model-process.js";

// The process of one reference model; see threads/model-process.ts.
runModelProcess();
