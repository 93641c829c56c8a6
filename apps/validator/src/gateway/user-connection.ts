import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Clock } from "../ports/index.js";

/** A user's end of the line. */
export type UserConnection = {
  /** Aborted when the user goes away before the answer is complete, or when the gateway closes. */
  readonly signal: AbortSignal;
  /** From now on sends a comment whenever nothing was sent for so long, so that neither the user nor a proxy gives up. Starts the answer. */
  keepAlive(clock: Pick<Clock, "sleep">, everyMs: number): Promise<void>;
  /** Sends one encoded event; resolves when the user's side takes more. Rejects when the user is gone. */
  sendEvent(event: string): Promise<void>;
  /** Sends text as it is and ends the answer. */
  end(text: string): void;
  hasStarted(): boolean;
  /** Stops listening. */
  release(): void;
};

/** A comment: clients that read events ignore it. */
const KEEP_ALIVE = ": keep-alive\n\n";

/** Nobody who reads leaves an answer unread for so long. */
export const UNREAD_LIMIT_MS = 60_000;

/** The first piece makes the machine of a user who has left say so, and the next one is told: soon after it, then now and then. */
const SECOND_PROBE_MS = 100;
const NEXT_PROBES_MS = 5_000;

/**
 * A user who has sent its request may close its side of the connection and wait for the answer; one who has left looks the same. Only
 * sending something tells them apart, so now and then something is sent that no client minds: an interim status, or a comment in a stream.
 */
function watchHalfClose(response: ServerResponse): { release(): void } {
  const { socket } = response.req;
  let timer: NodeJS.Timeout | undefined;
  const probe = (nextMs = SECOND_PROBE_MS) => {
    if (response.writableEnded || response.destroyed) return;
    if (response.headersSent) response.write(":\n\n");
    else if (response.req.httpVersion === "1.1") response.writeProcessing();
    // What is older knows no interim status.
    else socket.destroy();
    timer = setTimeout(() => probe(NEXT_PROBES_MS), nextMs);
    timer.unref();
  };
  const onEnd = () => probe();
  if (socket.readableEnded) onEnd();
  else socket.once("end", onEnd);
  return {
    release() {
      clearTimeout(timer);
      socket.off("end", onEnd);
    },
  };
}

/** Watches a response for the user going away and writes a stream to it as fast as the user reads, not faster. */
export function createUserConnection(response: ServerResponse, options: { readonly closing: AbortSignal }): UserConnection {
  const controller = new AbortController();
  const released = new AbortController();
  const abort = (reason: unknown) => {
    controller.abort(reason);
    released.abort(reason);
  };
  const onClose = () => {
    if (!response.writableFinished) abort(new Error("the user went away"));
  };
  const onClosing = () => abort(options.closing.reason);
  const half = watchHalfClose(response);
  let hasSent = false;
  response.once("close", onClose);
  options.closing.addEventListener("abort", onClosing, { once: true });
  if (options.closing.aborted) onClosing();

  const start = () => {
    if (response.headersSent) return;
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      // nginx would collect the stream otherwise.
      "x-accel-buffering": "no",
    });
  };

  let draining: Promise<void> | null = null;
  /** Resolves when the user's side takes more. Answers of one request wait together. */
  const drained = () => {
    draining ??= (async () => {
      try {
        // Without a byte taken for so long the server closes the connection.
        response.setTimeout(UNREAD_LIMIT_MS);
        await once(response, "drain", { signal: controller.signal });
        response.setTimeout(0);
      } finally {
        draining = null;
      }
    })();
    return draining;
  };

  return {
    signal: controller.signal,
    async keepAlive(clock, everyMs) {
      while (!released.signal.aborted) {
        hasSent = false;
        try {
          await clock.sleep(everyMs, released.signal);
        } catch {
          return;
        }
        if (hasSent || response.writableNeedDrain) continue;
        start();
        response.write(KEEP_ALIVE);
      }
    },
    async sendEvent(event) {
      controller.signal.throwIfAborted();
      start();
      hasSent = true;
      // Events that are there together go out together.
      if (response.writableCorked === 0) {
        response.cork();
        process.nextTick(() => response.uncork());
      }
      if (!response.write(event)) await drained();
    },
    end(text) {
      start();
      response.end(text);
    },
    hasStarted: () => response.headersSent,
    release() {
      // Without a reason an error with a stack would be made.
      released.abort("the answer is over");
      half.release();
      response.off("close", onClose);
      options.closing.removeEventListener("abort", onClosing);
    },
  };
}
