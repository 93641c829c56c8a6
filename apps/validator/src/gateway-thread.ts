import { parentPort } from "node:worker_threads";
import { runGatewayThread } from "./threads/run-gateway-thread.js";

// The program's thread for users and strangers; see threads/gateway-thread.ts.
if (parentPort !== null) await runGatewayThread(parentPort);
