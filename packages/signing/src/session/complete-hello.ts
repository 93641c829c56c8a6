import { helloResponseSchema, isCompatibleVersion } from "@vision/protocol";
import { sha256Hex } from "../digest.js";
import { verifySignature } from "../verify-signature.js";
import type { PendingHello } from "./create-hello.js";
import { agree } from "./ephemeral.js";
import type { Session } from "./session.js";
import { deriveSessionKey, helloTranscript } from "./transcript.js";

/** A hello under way and the answer to it. */
export type CompleteHelloOptions = {
  readonly pending: PendingHello;
  /** The parsed JSON body of the miner's answer; anything may be in it. */
  readonly response: unknown;
  readonly nowMs: number;
};

/** Why a miner's answer to a hello is refused. */
export type CompleteHelloFailure = "malformed" | "incompatible-protocol" | "wrong-miner" | "bad-signature" | "expired";

/** The open session, or why the answer is refused. */
export type CompleteHelloResult =
  | {
      readonly ok: true;
      readonly session: Session /** DER. Whatever is sent in the session goes to who proves itself with it. */;
      readonly certificate: Uint8Array;
    }
  | { readonly ok: false; readonly reason: CompleteHelloFailure };

/** The validator's second half of a hello: the answer must be signed by the very miner that was meant. Never throws on bad input. */
export function completeHello({ pending, response, nowMs }: CompleteHelloOptions): CompleteHelloResult {
  const parsed = helloResponseSchema.safeParse(response);
  if (!parsed.success) return { ok: false, reason: "malformed" };
  const { sessionId, ephemeralPublicKey, expiresAtMs, hotkey, signature, protocolVersion } = parsed.data;
  const certificate = Buffer.from(parsed.data.certificate, "base64");
  if (!isCompatibleVersion(protocolVersion)) return { ok: false, reason: "incompatible-protocol" };
  if (hotkey !== pending.minerAddress) return { ok: false, reason: "wrong-miner" };
  const transcript = helloTranscript({
    validator: pending.validatorAddress,
    miner: pending.minerAddress,
    validatorEphemeralHex: pending.ephemeralKey.publicKeyHex,
    minerEphemeralHex: ephemeralPublicKey,
    sessionId,
    expiresAtMs,
    helloSha256Hex: pending.bodySha256Hex,
    helloUuid: pending.uuid,
    helloTimestampMs: pending.timestampMs,
    certificateSha256Hex: sha256Hex(certificate),
    minerProtocolVersion: protocolVersion,
  });
  const claim = { address: hotkey, message: Buffer.from(transcript), signature: Buffer.from(signature.slice(2), "hex") };
  if (!verifySignature(claim)) return { ok: false, reason: "bad-signature" };
  if (expiresAtMs <= nowMs) return { ok: false, reason: "expired" };
  const secret = agree(pending.ephemeralKey, ephemeralPublicKey);
  if (secret === null) return { ok: false, reason: "malformed" };
  return { ok: true, session: { sessionId, key: deriveSessionKey(secret, transcript), peer: hotkey, expiresAtMs }, certificate };
}
