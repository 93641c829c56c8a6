import { type HelloRequest, PROTOCOL_VERSION } from "@vision/protocol";
import { sha256Hex } from "../digest.js";
import type { Hotkey } from "../hotkey.js";
import { signRequest } from "../sign-request.js";
import { createEphemeralKey, type EphemeralKey } from "./ephemeral.js";

/** Who opens a session with whom. */
export type CreateHelloOptions = {
  /** The validator's. */
  readonly hotkey: Hotkey;
  /** ss58 address of the miner: the only one that can answer. */
  readonly minerAddress: string;
  readonly uuid: string;
  readonly timestampMs: number;
  /** 32 fresh random bytes. */
  readonly ephemeralSeed: Uint8Array;
};

/** What the validator keeps until the miner has answered. */
export type PendingHello = {
  readonly validatorAddress: string;
  readonly minerAddress: string;
  readonly uuid: string;
  readonly timestampMs: number;
  readonly bodySha256Hex: string;
  readonly ephemeralKey: EphemeralKey;
};

/** A hello ready to be posted: exact body bytes, headers by lower-case name, and what is kept to complete it. */
export type Hello = { readonly body: Uint8Array; readonly headers: Record<string, string>; readonly pending: PendingHello };

/** Opens a session: an ephemeral X25519 key, signed by the validator's hotkey for this one miner. */
export function createHello(options: CreateHelloOptions): Hello {
  const { hotkey, minerAddress, uuid, timestampMs } = options;
  const ephemeralKey = createEphemeralKey(options.ephemeralSeed);
  const request: HelloRequest = { protocolVersion: PROTOCOL_VERSION, ephemeralPublicKey: ephemeralKey.publicKeyHex };
  const body = Buffer.from(JSON.stringify(request));
  return {
    body,
    headers: signRequest({ hotkey, body, signedFor: minerAddress, uuid, timestampMs }),
    pending: { validatorAddress: hotkey.address, minerAddress, uuid, timestampMs, bodySha256Hex: sha256Hex(body), ephemeralKey },
  };
}
