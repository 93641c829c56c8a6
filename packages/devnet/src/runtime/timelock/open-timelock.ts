import { createDecipheriv } from "node:crypto";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ByteSource } from "../../scale/bytes.js";

const { Fp12, Fr } = bls12_381.fields;
type Fp12Value = Parameters<typeof Fp12.sqr>[0];

const cipherName = "AES_GCM_";
const pointBytes = 96;
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** `e(..)` as arkworks writes it: twelve field elements of 48 bytes, little-endian. */
export function serialisePairing(value: Fp12Value): Uint8Array {
  const coefficients = [value.c0, value.c1].flatMap((half) => [half.c0, half.c1, half.c2].flatMap((each) => [each.c0, each.c1]));
  const bytes = new Uint8Array(coefficients.length * 48);
  coefficients.forEach((coefficient, index) => {
    for (let rest = coefficient, at = index * 48; rest > 0n; rest >>= 8n, at += 1) bytes[at] = Number(rest & 0xffn);
  });
  return bytes;
}

function xor(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((byte, index) => byte ^ (right[index] ?? 0));
}

function bigEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function readSized(source: ByteSource): Uint8Array {
  const length = source.u64();
  return source.bytes(length > BigInt(source.remaining) ? source.remaining + 1 : Number(length));
}

/**
 * Opens a timelock ciphertext with the signature of the round that it was locked for.
 *
 * Format and scheme: Boneh-Franklin over a random key, AES-256-GCM under it, laid out as the chain's `tle` crate does (facts in the package's
 * README). The same bytes have been opened by the real runtime, spec 293.
 *
 * @returns The plain bytes, or `null` when the ciphertext is malformed, for another round, or was tampered with.
 */
export function openTimelock(ciphertext: Uint8Array, signature: Uint8Array): Uint8Array | null {
  try {
    const source = new ByteSource(ciphertext);
    const u = bls12_381.G2.Point.fromBytes(source.bytes(pointBytes));
    const v = readSized(source);
    const w = readSized(source);
    const body = new ByteSource(readSized(source));
    if (Buffer.from(readSized(source)).toString("latin1") !== cipherName || source.remaining > 0) return null;
    if (v.length !== keyBytes || w.length !== keyBytes) return null;

    const sealed = readSized(body);
    const nonce = readSized(body);
    if (nonce.length !== nonceBytes || sealed.length < tagBytes) return null;

    const pairing = bls12_381.pairing(bls12_381.G1.Point.fromBytes(signature), u);
    const sigma = xor(v, sha256(serialisePairing(pairing)));
    const key = xor(w, sha256(sigma));
    const r = Fr.create(bigEndian(sha256(Uint8Array.from([...sigma, ...key]))));
    if (r === 0n || !bls12_381.G2.Point.BASE.multiply(r).equals(u)) return null;

    const decipher = createDecipheriv("aes-256-gcm", key, nonce);
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    return Uint8Array.from(Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - tagBytes)), decipher.final()]));
  } catch {
    // Whatever is wrong with bytes from outside, the answer is the same: they do not open.
    return null;
  }
}
