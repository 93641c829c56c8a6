import { randomBytes } from "node:crypto";

/** Fresh bytes from a cryptographic generator. */
export type RandomBytes = (length: number) => Uint8Array;

/** The operating system's generator. */
export const systemRandomBytes: RandomBytes = (length) => randomBytes(length);

/** A version 4 UUID (RFC 9562) of 16 random bytes. */
export function createUuid(random: RandomBytes): string {
  const bytes = Buffer.from(random(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
