import { epistulaHeaders, epistulaMessage } from "@vision/protocol";
import { sha256Hex } from "./digest.js";
import type { Hotkey } from "./hotkey.js";

/** Request headers by lower-case name, as Node.js hands them over. */
export type IncomingHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One request to be signed. */
export type SignRequestOptions = {
  readonly hotkey: Hotkey;
  /** The exact bytes that are sent; empty for no body. */
  readonly body: Uint8Array;
  /** ss58 address of the only receiver that may accept the request. */
  readonly signedFor: string;
  /** Unique per request, at most 64 characters; a version 4 UUID by convention. */
  readonly uuid: string;
  /** Unix time in milliseconds. */
  readonly timestampMs: number;
};

/**
 * Epistula version 2 headers for a request: an sr25519 signature over body digest, uuid, time and receiver.
 *
 * @returns Headers by lower-case name.
 */
export function signRequest(options: SignRequestOptions): Record<string, string> {
  const { hotkey, body, signedFor, uuid, timestampMs } = options;
  const message = epistulaMessage({ bodySha256Hex: sha256Hex(body), uuid, timestampMs, signedFor });
  return {
    [epistulaHeaders.version]: "2",
    [epistulaHeaders.timestamp]: String(timestampMs),
    [epistulaHeaders.uuid]: uuid,
    [epistulaHeaders.signedBy]: hotkey.address,
    [epistulaHeaders.signedFor]: signedFor,
    [epistulaHeaders.signature]: `0x${Buffer.from(hotkey.sign(Buffer.from(message))).toString("hex")}`,
  };
}
