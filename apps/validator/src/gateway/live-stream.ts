import type { ServerResponse } from "node:http";
import { encodeEventText } from "@vision/protocol";
import type { Clock } from "../ports/index.js";
import { UNREAD_LIMIT_MS } from "./user-connection.js";

/** Sends the same events to everybody who listens. */
export type LiveStream = {
  /** Adds a listener. False where there are as many already, in all or from that address. */
  add(response: ServerResponse, address: string): boolean;
  listeners(): number;
};

const MAX_LISTENERS = 256;
const MAX_LISTENERS_PER_ADDRESS = 16;
const EVERY_MS = 1_000;
/** After a cut a browser asks again in this time. */
const RETRY_MS = 2_000;
/** Events that somebody has not taken are not piled up: above so many bytes the next ones are left out, each holds all there is to know. */
const MAX_UNSENT_BYTES = 64 * 1024;

/**
 * A stream of what `read` gives, once a second while anybody listens. An event is made once for all of them.
 *
 * @param closing - Ends every listener's answer.
 */
export function createLiveStream(
  read: () => unknown,
  { clock, closing }: { readonly clock: Clock; readonly closing: AbortSignal },
): LiveStream {
  const listeners = new Map<ServerResponse, string>();
  let isRunning = false;

  async function run(): Promise<void> {
    while (listeners.size > 0) {
      await clock.sleep(EVERY_MS, closing);
      const event = encodeEventText(JSON.stringify(read()));
      for (const response of listeners.keys()) if (response.writableLength < MAX_UNSENT_BYTES) response.write(event);
    }
  }

  function start(): void {
    if (isRunning) return;
    isRunning = true;
    run()
      // The gateway is closing.
      .catch(() => {
        for (const response of listeners.keys()) response.end();
      })
      .finally(() => {
        isRunning = false;
      });
  }

  return {
    listeners: () => listeners.size,
    add(response, address) {
      let ofAddress = 0;
      for (const each of listeners.values()) if (each === address) ofAddress += 1;
      if (listeners.size >= MAX_LISTENERS || ofAddress >= MAX_LISTENERS_PER_ADDRESS) return false;
      listeners.set(response, address);
      response.once("close", () => listeners.delete(response));
      response.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        // nginx would collect the stream otherwise.
        "x-accel-buffering": "no",
      });
      response.setTimeout(UNREAD_LIMIT_MS);
      response.write(`retry: ${RETRY_MS}\n\n${encodeEventText(JSON.stringify(read()))}`);
      start();
      return true;
    },
  };
}
