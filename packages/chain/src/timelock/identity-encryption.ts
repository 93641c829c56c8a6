import { createHash } from "node:crypto";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { ChainError } from "../errors/chain-error.js";
import type { DrandBeacon } from "./drand.js";

const ORDER = bls12_381.fields.Fr.ORDER;
const SIGNATURE_DOMAIN = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

type TargetElement = ReturnType<typeof bls12_381.pairing>;

/** A 32-byte key locked to a round: U on G2, then V and W, 32 bytes each. */
export type LockedKey = { readonly u: Uint8Array; readonly v: Uint8Array; readonly w: Uint8Array };

/**
 * Locks a key to a round of a beacon: Boneh-Franklin FullIdent with the round's message as identity, in the hashes and byte order of
 * the timelock crate that subtensor links (ideal-lab5/timelock 5416406c, `ibe/fullident.rs`). drand's own tlock differs in both.
 *
 * @param key - 32 bytes.
 * @param randomness - 32 random bytes; used once.
 */
export function lockKey(
  key: Uint8Array,
  round: number,
  options: { readonly randomness: Uint8Array; readonly beacon: DrandBeacon },
): LockedKey {
  const t = littleEndianToInt(options.randomness) % ORDER;
  const sigma = sha256(intToLittleEndian(t));
  const r = scalarFrom(sigma, key);
  const publicKey = bls12_381.G2.Point.fromHex(options.beacon.publicKeyHex);
  const q = bls12_381.G1.hashToCurve(roundMessage(round), { DST: SIGNATURE_DOMAIN });
  // e(Q, r·pk) = e(r·Q, pk), and multiplying on G1 is several times cheaper.
  const shared = bls12_381.pairing(bls12_381.G1.Point.fromAffine(q.multiply(r).toAffine()), publicKey);
  return {
    u: bls12_381.G2.Point.BASE.multiply(r).toBytes(true),
    v: xor(sigma, sha256(targetToBytes(shared))),
    w: xor(key, sha256(sigma)),
  };
}

/**
 * The key of a {@link LockedKey}, given the round's signature.
 *
 * @param signature - Compressed G1 signature of the round, 48 bytes.
 * @throws {@link ChainError} `CHAIN_INVALID_WEIGHTS` when the signature is not the round's or the bytes were changed.
 */
export function unlockKey(locked: LockedKey, signature: Uint8Array): Uint8Array {
  try {
    const u = bls12_381.G2.Point.fromBytes(locked.u);
    const shared = bls12_381.pairing(bls12_381.G1.Point.fromBytes(signature), u);
    const sigma = xor(locked.v, sha256(targetToBytes(shared)));
    const key = xor(locked.w, sha256(sigma));
    if (!bls12_381.G2.Point.BASE.multiply(scalarFrom(sigma, key)).equals(u)) throw new Error("The key does not match its lock.");
    return key;
  } catch (cause) {
    throw new ChainError({ code: "CHAIN_INVALID_WEIGHTS", message: "A timelock ciphertext cannot be opened with this signature.", cause });
  }
}

/** What drand signs in a round of quicknet: SHA-256 of the round as a big-endian u64. */
export function roundMessage(round: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(round));
  return sha256(bytes);
}

function scalarFrom(sigma: Uint8Array, key: Uint8Array): bigint {
  return BigInt(`0x${createHash("sha256").update(sigma).update(key).digest("hex")}`) % ORDER;
}

/** arkworks' CanonicalSerialize of Fq12: twelve little-endian Fq of 48 bytes, innermost index fastest. */
function targetToBytes(element: TargetElement): Uint8Array {
  const bytes = new Uint8Array(576);
  let offset = 0;
  for (const half of [element.c0, element.c1]) {
    for (const quadratic of [half.c0, half.c1, half.c2]) {
      for (const value of [quadratic.c0, quadratic.c1]) {
        bytes.set(intToLittleEndian(value, 48), offset);
        offset += 48;
      }
    }
  }
  return bytes;
}

function intToLittleEndian(value: bigint, byteCount = 32): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(byteCount * 2, "0"), "hex")).reverse();
}

function littleEndianToInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

function xor(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((byte, index) => byte ^ (right[index] ?? 0));
}
