import type { ServerResponse } from "node:http";
import type { MinerResponse } from "../miner/miner.js";
import type { Clock } from "../runtime/clock.js";

/** How long a client may take. */
export type WriteResponseOptions = {
  /** To take what was written, before the next piece. Then the connection is cut, and with it what waits to be sent. */
  readonly timeoutMs: number;
  readonly clock: Clock;
};

const PIECE_BYTES = 64 * 1024; // a body goes out in pieces, so that a slow client that goes on reading is not taken for one that has stopped

/**
 * Writes a miner's answer. A stream is pulled only as fast as the client takes it, and is ended early when the client goes away or stops
 * reading. Resolves when the answer is written or the client is gone; never rejects for the client's doing.
 */
export async function writeResponse(response: ServerResponse, answer: MinerResponse, options: WriteResponseOptions): Promise<void> {
  response.on("error", () => undefined);
  if (typeof answer.body === "string") {
    const bytes = Buffer.from(answer.body);
    response.writeHead(answer.status, { ...answer.headers, "content-length": bytes.byteLength });
    for (let at = 0; at + PIECE_BYTES < bytes.byteLength && !response.destroyed; at += PIECE_BYTES) {
      if (!response.write(bytes.subarray(at, at + PIECE_BYTES))) await drained(response, options);
    }
    await ended(response, options, bytes.subarray(lastPiece(bytes.byteLength)));
    return;
  }
  response.writeHead(answer.status, answer.headers);
  for await (const chunk of answer.body) {
    if (response.destroyed) break;
    // Events that are there together go out together.
    if (response.writableCorked === 0) {
      response.cork();
      process.nextTick(() => response.uncork());
    }
    if (!response.write(chunk)) await drained(response, options);
  }
  await ended(response, options);
}

/** Where the last piece begins. It may be empty only when the whole is. */
function lastPiece(length: number): number {
  return length === 0 ? 0 : Math.floor((length - 1) / PIECE_BYTES) * PIECE_BYTES;
}

function drained(response: ServerResponse, options: WriteResponseOptions): Promise<void> {
  return settled(response, "drain", options, () => !response.writableNeedDrain);
}

function ended(response: ServerResponse, options: WriteResponseOptions, last?: Uint8Array): Promise<void> {
  if (!response.destroyed) response.end(last);
  return settled(response, "finish", options, () => response.writableFinished);
}

/** Resolves at the event or when the client is gone, which it is made to be when its time is over. */
function settled(response: ServerResponse, event: "drain" | "finish", { timeoutMs, clock }: WriteResponseOptions, isThere: () => boolean) {
  return new Promise<void>((resolve) => {
    if (response.destroyed || isThere()) return resolve();
    const settle = () => {
      cancelTimer();
      response.off(event, settle);
      response.off("close", settle);
      resolve();
    };
    const cancelTimer = clock.setTimer(timeoutMs, () => response.destroy());
    response.once(event, settle);
    response.once("close", settle);
  });
}
