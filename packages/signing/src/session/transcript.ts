import { hkdfSync } from "node:crypto";
import { sha256Hex } from "../digest.js";

/** Everything that both ends said while opening a session. */
export type HelloTranscript = {
  readonly validator: string;
  readonly miner: string;
  readonly validatorEphemeralHex: string;
  readonly minerEphemeralHex: string;
  readonly sessionId: string;
  readonly expiresAtMs: number;
  /** SHA-256 of the hello's exact body, hex. */
  readonly helloSha256Hex: string;
  readonly helloUuid: string;
  readonly helloTimestampMs: number;
  /** SHA-256 of the certificate (DER) that the miner's transport uses, hex. */
  readonly certificateSha256Hex: string;
  /** The protocol version that the miner answered with. */
  readonly minerProtocolVersion: string;
};

/**
 * The one string that the miner signs. Only the last field can hold a line feed, so no two transcripts read the same.
 */
export function helloTranscript(transcript: HelloTranscript): string {
  return [
    "vision-hello-v2",
    transcript.validator,
    transcript.miner,
    transcript.validatorEphemeralHex,
    transcript.minerEphemeralHex,
    transcript.sessionId,
    transcript.expiresAtMs,
    transcript.helloSha256Hex,
    transcript.helloTimestampMs,
    sha256Hex(transcript.helloUuid),
    transcript.certificateSha256Hex,
    transcript.minerProtocolVersion,
  ].join("\n");
}

/** The session key, 32 bytes: HKDF-SHA256 (RFC 5869) of the X25519 secret, salted with the transcript's digest. */
export function deriveSessionKey(sharedSecret: Uint8Array, transcript: string): Uint8Array {
  const salt = Buffer.from(sha256Hex(transcript), "hex");
  return new Uint8Array(hkdfSync("sha256", sharedSecret, salt, "vision-session-v2 key", 32));
}
