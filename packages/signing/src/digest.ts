import { hash } from "node:crypto";

/** SHA-256 of the bytes (or of the text's UTF-8), lower-case hex. One-shot: half the cost of a hash object on small bodies. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash("sha256", data, "hex");
}
