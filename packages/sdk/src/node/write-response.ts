import type { ServerResponse } from "node:http";
import type { MinerResponse } from "../miner/miner.js";

/**
 * Writes a miner's answer. A stream is pulled only as fast as the client takes it, and is ended early when the client goes away.
 * Resolves when the answer is written or the client is gone; never rejects for the client's doing.
 */
export async function writeResponse(response: ServerResponse, answer: MinerResponse): Promise<void> {
  response.on("error", () => undefined);
  if (typeof answer.body === "string") {
    response.writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(answer.body) });
    response.end(answer.body);
    return;
  }
  response.writeHead(answer.status, answer.headers);
  for await (const chunk of answer.body) {
    if (response.destroyed) break;
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
}

/** Resolves when the client took what was written, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed || !response.writableNeedDrain) return resolve();
    const settle = () => {
      response.off("drain", settle);
      response.off("close", settle);
      resolve();
    };
    response.once("drain", settle);
    response.once("close", settle);
  });
}
