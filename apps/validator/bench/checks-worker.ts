import { runTinyWorker } from "@vision/tiny/worker";

runTinyWorker();
