import type { IncomingMessage } from "node:http";
import type { Clock } from "../runtime/clock.js";
import type { BodyShare } from "./body-budget.js";

/** The bytes of a request, or why they are not all there. */
export type ReadBody =
  | { readonly kind: "body"; readonly bytes: Uint8Array }
  | { readonly kind: "tooLarge" }
  /** All the memory for bodies is taken. */
  | { readonly kind: "noRoom" }
  | { readonly kind: "tooSlow" }
  /** The client went away first. */
  | { readonly kind: "aborted" };

/** What a body may be. */
export type ReadBodyOptions = {
  readonly maxBytes: number;
  /** The memory that it may take. */
  readonly share: BodyShare;
  readonly timeoutMs: number;
  readonly clock: Clock;
};

/** The body of a request. Stops at every bound: no more than what is allowed and one chunk is ever held. Never rejects. */
export function readBody(request: IncomingMessage, { maxBytes, share, timeoutMs, clock }: ReadBodyOptions): Promise<ReadBody> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let length = 0;
    const settle = (result: ReadBody) => {
      cancelTimer();
      request.off("data", onData);
      request.off("end", onEnd);
      request.off("close", onClose);
      chunks = [];
      if (result.kind !== "body") request.pause();
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.byteLength;
      if (length > maxBytes) return settle({ kind: "tooLarge" });
      if (!share.take(chunk.byteLength)) return settle({ kind: "noRoom" });
      chunks.push(chunk);
    };
    const onEnd = () => settle({ kind: "body", bytes: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks) });
    const onClose = () => settle({ kind: "aborted" });
    const cancelTimer = clock.setTimer(timeoutMs, () => settle({ kind: "tooSlow" }));
    request.on("data", onData);
    request.on("end", onEnd);
    request.on("close", onClose);
    request.on("error", () => undefined);
  });
}
