import { createCipheriv, randomBytes } from "node:crypto";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { HASH_DOMAIN, roundMessage } from "../src/runtime/timelock/beacon.js";
import { serialisePairing } from "../src/runtime/timelock/open-timelock.js";

const { Fr } = bls12_381.fields;

function sized(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, bytes]);
}

function xor(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((byte, index) => byte ^ (right[index] ?? 0));
}

/** Locks bytes until a round of a beacon, as validators do: the counterpart of what the chain opens. */
export function lockForRound(plain: Uint8Array, round: bigint, publicKey: Uint8Array): Uint8Array {
  const key = randomBytes(32);
  const sigma = sha256(randomBytes(32));
  const r = Fr.create(BigInt(`0x${Buffer.from(sha256(Buffer.concat([sigma, key]))).toString("hex")}`));
  const u = bls12_381.G2.Point.BASE.multiply(r);
  const identity = bls12_381.G1.hashToCurve(roundMessage(round), { DST: HASH_DOMAIN });
  const shared = bls12_381.pairing(identity, bls12_381.G2.Point.fromBytes(publicKey).multiply(r));
  const v = xor(sigma, sha256(serialisePairing(shared)));
  const w = xor(key, sha256(sigma));
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  const body = Buffer.concat([sized(sealed), sized(nonce)]);
  return Uint8Array.from(Buffer.concat([u.toBytes(true), sized(v), sized(w), sized(body), sized(Buffer.from("AES_GCM_", "latin1"))]));
}
