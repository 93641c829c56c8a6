import type { IncomingMessage } from "node:http";
import { createWireError } from "@vision/protocol";

/** The bytes of a request, or why they are not all there. */
export type ReadBody =
  | { readonly kind: "body"; readonly bytes: Uint8Array }
  | { readonly kind: "tooLarge"; readonly errorBody: string }
  /** The client went away first. */
  | { readonly kind: "aborted" };

/** The body of a request. Stops at the bound: no more than `maxBytes` and one chunk are ever held. Never rejects. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<ReadBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (result: ReadBody) => {
      request.off("data", onData);
      request.off("end", onEnd);
      request.off("close", onClose);
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.byteLength;
      if (length > maxBytes) {
        request.pause();
        const error = createWireError("payload_too_large", `The body is larger than ${maxBytes} bytes.`);
        settle({ kind: "tooLarge", errorBody: JSON.stringify(error) });
        return;
      }
      chunks.push(chunk);
    };
    const onEnd = () => settle({ kind: "body", bytes: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks) });
    const onClose = () => settle({ kind: "aborted" });
    request.on("data", onData);
    request.on("end", onEnd);
    request.on("close", onClose);
    request.on("error", () => undefined);
  });
}
