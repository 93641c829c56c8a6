import { once } from "node:events";
import type { ServerResponse } from "node:http";

/** A user's end of the line. */
export type UserConnection = {
  /** Aborted when the user goes away before the answer is complete, or when the gateway closes. */
  readonly signal: AbortSignal;
  /** Sends one encoded event; resolves when the user's side takes more. Rejects when the user is gone. */
  sendEvent(event: string): Promise<void>;
  /** Sends text as it is and ends the answer. */
  end(text: string): void;
  hasStarted(): boolean;
  /** Stops listening. */
  release(): void;
};

/** Watches a response for the user going away and writes a stream to it as fast as the user reads, not faster. */
export function createUserConnection(response: ServerResponse, options: { readonly closing: AbortSignal }): UserConnection {
  const controller = new AbortController();
  const onClose = () => {
    if (!response.writableFinished) controller.abort(new Error("the user went away"));
  };
  const onClosing = () => controller.abort(options.closing.reason);
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

  return {
    signal: controller.signal,
    async sendEvent(event) {
      controller.signal.throwIfAborted();
      start();
      if (!response.write(event)) await once(response, "drain", { signal: controller.signal });
    },
    end(text) {
      start();
      response.end(text);
    },
    hasStarted: () => response.headersSent,
    release() {
      response.off("close", onClose);
      options.closing.removeEventListener("abort", onClosing);
    },
  };
}
