import { type HelloResponse, helloRequestSchema, isCompatibleVersion, PROTOCOL_VERSION } from "@vision/protocol";
import { sha256Hex } from "../digest.js";
import type { Hotkey } from "../hotkey.js";
import type { ReplayWindow } from "../replay-window.js";
import type { IncomingHeaders } from "../sign-request.js";
import { type VerifyFailure, verifyRequest } from "../verify-request.js";
import { agree, createEphemeralKey } from "./ephemeral.js";
import type { Session } from "./session.js";
import { deriveSessionKey, helloTranscript } from "./transcript.js";

/** A hello as it came in, and what the answer is made from. */
export type AcceptHelloOptions = {
  /** The miner's. */
  readonly hotkey: Hotkey;
  readonly headers: IncomingHeaders;
  readonly body: Uint8Array;
  readonly nowMs: number;
  readonly replayWindow: ReplayWindow;
  /** Whether the signer may use this miner; asked before anything is remembered. Default: everybody may. */
  readonly isPermitted?: (signedBy: string) => boolean;
  /** The certificate (DER) that the transport proves itself with. The answer names it, so that nobody in between can put in another. */
  readonly certificate: Uint8Array;
  /** 32 fresh random bytes. */
  readonly ephemeralSeed: Uint8Array;
  /** 16 fresh random bytes. */
  readonly sessionIdBytes: Uint8Array;
  /** How long the session lasts, milliseconds. */
  readonly ttlMs: number;
  readonly maxAgeMs?: number;
  readonly maxFutureMs?: number;
};

/** The new session and what to answer, or why the hello is refused. */
export type AcceptHelloResult =
  | { readonly ok: true; readonly session: Session; readonly response: HelloResponse }
  | { readonly ok: false; readonly reason: VerifyFailure | "incompatible-protocol" };

/**
 * The miner's half of a hello: checks the signature, derives the key and signs the transcript, so that nobody in between can have put
 * in keys of their own. Never throws on bad input.
 */
export function acceptHello(options: AcceptHelloOptions): AcceptHelloResult {
  const verified = verifyRequest({ ...options, ourAddress: options.hotkey.address });
  if (!verified.ok) return verified;
  const hello = parseHello(options.body);
  if (hello === null) return { ok: false, reason: "malformed" };
  if (!isCompatibleVersion(hello.protocolVersion)) return { ok: false, reason: "incompatible-protocol" };
  const ephemeralKey = createEphemeralKey(options.ephemeralSeed);
  const secret = agree(ephemeralKey, hello.ephemeralPublicKey);
  if (secret === null) return { ok: false, reason: "malformed" };
  const sessionId = Buffer.from(options.sessionIdBytes).toString("hex");
  const expiresAtMs = options.nowMs + options.ttlMs;
  const transcript = helloTranscript({
    validator: verified.signedBy,
    miner: options.hotkey.address,
    validatorEphemeralHex: hello.ephemeralPublicKey,
    minerEphemeralHex: ephemeralKey.publicKeyHex,
    sessionId,
    expiresAtMs,
    helloSha256Hex: sha256Hex(options.body),
    helloUuid: verified.uuid,
    helloTimestampMs: verified.timestampMs,
    certificateSha256Hex: sha256Hex(options.certificate),
    minerProtocolVersion: PROTOCOL_VERSION,
  });
  return {
    ok: true,
    session: { sessionId, key: deriveSessionKey(secret, transcript), peer: verified.signedBy, expiresAtMs },
    response: {
      protocolVersion: PROTOCOL_VERSION,
      sessionId,
      ephemeralPublicKey: ephemeralKey.publicKeyHex,
      expiresAtMs,
      hotkey: options.hotkey.address,
      certificate: Buffer.from(options.certificate).toString("base64"),
      signature: `0x${Buffer.from(options.hotkey.sign(Buffer.from(transcript))).toString("hex")}`,
    },
  };
}

function parseHello(body: Uint8Array) {
  try {
    const parsed = helloRequestSchema.safeParse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
