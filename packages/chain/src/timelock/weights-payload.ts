import type { WeightU16 } from "../port.js";
import { encodeCompact, encodeU16Vector, encodeU64 } from "./scale.js";

/** What a timelocked commit hides. */
export type WeightsPayload = {
  readonly weights: readonly WeightU16[];
  readonly versionKey: bigint;
  /** 32-byte public key of the committer; binds the commit to it, so that nobody can copy it. */
  readonly hotkeyPublicKey: Uint8Array;
};

/** The largest commit that the chain takes, bytes. */
export const MAX_COMMIT_BYTES = 5000;

/** SCALE of `{ hotkey: Vec<u8>, uids: Vec<u16>, values: Vec<u16>, version_key: u64 }`, commit-reveal version 4. */
export function encodeWeightsPayload(payload: WeightsPayload): Uint8Array {
  return Uint8Array.from(
    Buffer.concat([
      encodeCompact(payload.hotkeyPublicKey.length),
      payload.hotkeyPublicKey,
      encodeU16Vector(payload.weights.map((weight) => weight.uid)),
      encodeU16Vector(payload.weights.map((weight) => weight.weightU16)),
      encodeU64(payload.versionKey),
    ]),
  );
}

/** The payload of runtimes up to spec 300, without the hotkey. */
export function encodeLegacyWeightsPayload(payload: Omit<WeightsPayload, "hotkeyPublicKey">): Uint8Array {
  return encodeWeightsPayload({ ...payload, hotkeyPublicKey: new Uint8Array(0) }).subarray(1);
}
