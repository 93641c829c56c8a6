import type { Readable } from "node:stream";

/** The bytes of a body, or why they are not all there. */
export type BoundedBytes =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "tooLarge" }
  | { readonly kind: "broken"; readonly error: unknown };

/** All bytes of a body, up to a bound; above it the connection is cut. Never rejects. */
export function readBounded(body: Readable, maxBytes: number): Promise<BoundedBytes> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    body.on("data", (chunk: Uint8Array) => {
      length += chunk.byteLength;
      if (length <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      resolve({ kind: "tooLarge" });
      body.destroy();
    });
    body.on("end", () => resolve({ kind: "bytes", bytes: Buffer.concat(chunks, length) }));
    body.on("error", (error) => resolve({ kind: "broken", error }));
    body.on("close", () => resolve({ kind: "broken", error: new Error("closed") }));
  });
}
