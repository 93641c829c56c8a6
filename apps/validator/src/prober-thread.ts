import { parentPort } from "node:worker_threads";
import { runProberThread } from "./threads/run-prober-thread.js";

// The program's thread that asks miners; see threads/prober-thread.ts.
if (parentPort !== null) await runProberThread(parentPort);
