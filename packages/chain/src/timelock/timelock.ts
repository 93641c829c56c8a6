import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { ChainError } from "../errors/chain-error.js";
import { createByteReader } from "./byte-reader.js";
import { type DrandBeacon, quicknet } from "./drand.js";
import { lockKey, unlockKey } from "./identity-encryption.js";

const CIPHER_NAME = "AES_GCM_";
const TAG_BYTES = 16;

/** Options of {@link timelockEncrypt}. */
export type TimelockOptions = {
  /** Default {@link quicknet}. */
  readonly beacon?: DrandBeacon;
  /** Source of randomness; the default is Node's. Only tests pass another. */
  readonly randomBytes?: (byteCount: number) => Uint8Array;
};

/**
 * Bytes that nobody can open before the beacon publishes a round, in subtensor's layout (commit-reveal version 4):
 * U (96) ‖ u64le(32) V ‖ u64le(32) W ‖ u64le(n) body ‖ u64le(8) "AES_GCM_", body = u64le(m) AES-256-GCM ciphertext with its tag ‖ u64le(12) nonce.
 * 244 bytes longer than the plaintext.
 */
export function timelockEncrypt(plaintext: Uint8Array, round: number, options: TimelockOptions = {}): Uint8Array {
  const random = options.randomBytes ?? randomBytes;
  const key = random(32);
  const nonce = random(12);
  const locked = lockKey(key, round, { randomness: random(32), beacon: options.beacon ?? quicknet });
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  const body = Buffer.concat([prefixed(ciphertext), prefixed(nonce)]);
  return Uint8Array.from(
    Buffer.concat([locked.u, prefixed(locked.v), prefixed(locked.w), prefixed(body), prefixed(Buffer.from(CIPHER_NAME, "ascii"))]),
  );
}

/**
 * The plaintext of {@link timelockEncrypt}.
 *
 * @param signature - The round's signature: 48 bytes, compressed G1.
 * @throws {@link ChainError} `CHAIN_INVALID_WEIGHTS` for damaged bytes or a signature of another round.
 */
export function timelockDecrypt(bytes: Uint8Array, signature: Uint8Array): Uint8Array {
  const reader = createByteReader(bytes);
  const u = reader.take(96);
  const v = reader.takePrefixed();
  const w = reader.takePrefixed();
  const body = createByteReader(reader.takePrefixed());
  const cipherName = Buffer.from(reader.takePrefixed()).toString("ascii");
  if (cipherName !== CIPHER_NAME || v.length !== 32 || w.length !== 32) {
    throw new ChainError({ code: "CHAIN_INVALID_WEIGHTS", message: "A timelock ciphertext is of an unknown kind.", facts: { cipherName } });
  }
  const ciphertext = body.takePrefixed();
  const nonce = body.takePrefixed();
  const key = unlockKey({ u, v, w }, signature);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce);
    decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
    return Uint8Array.from(Buffer.concat([decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final()]));
  } catch (cause) {
    throw new ChainError({ code: "CHAIN_INVALID_WEIGHTS", message: "A timelock ciphertext was changed after it was made.", cause });
  }
}

function prefixed(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, bytes]);
}
