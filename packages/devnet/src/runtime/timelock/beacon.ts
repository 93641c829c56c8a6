import { bls12_381 } from "@noble/curves/bls12-381.js";
import { sha256 } from "@noble/hashes/sha2.js";

/** A randomness beacon of drand's quicknet kind: signatures on G1, public key on G2, unchained. */
export type Beacon = {
  readonly genesisTimeSeconds: number;
  readonly periodSeconds: number;
  /** Compressed G2 point, 96 bytes. */
  readonly publicKey: Uint8Array;
  /** Round that is the newest at a time; 0 before the first. */
  roundAt(nowMs: number): bigint;
  /** The beacon's signature of a round, 48 bytes: what opens what was locked until then. */
  sign(round: bigint): Uint8Array;
};

/** What a round's signature is made over: SHA-256 of the round as 8 bytes, big-endian. */
export function roundMessage(round: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, round);
  return sha256(bytes);
}

/** Hash-to-curve domain of quicknet's scheme `bls-unchained-g1-rfc9380`. */
export const HASH_DOMAIN = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

/**
 * A beacon with a key of its own, so that a development chain can open what was locked for it. Never use it where secrecy matters: the key is
 * made from a phrase that is public.
 */
export function createDevelopmentBeacon(options: { readonly genesisTimeSeconds: number; readonly periodSeconds: number }): Beacon {
  const { genesisTimeSeconds, periodSeconds } = options;
  const seed = sha256(new TextEncoder().encode("vision-devnet beacon key"));
  const secretKey = bls12_381.fields.Fr.create(BigInt(`0x${Buffer.from(seed).toString("hex")}`));
  return {
    genesisTimeSeconds,
    periodSeconds,
    publicKey: bls12_381.G2.Point.BASE.multiply(secretKey).toBytes(true),
    roundAt: (nowMs) => {
      const elapsedSeconds = nowMs / 1000 - genesisTimeSeconds;
      return elapsedSeconds < 0 ? 0n : BigInt(Math.floor(elapsedSeconds / periodSeconds)) + 1n;
    },
    sign: (round) => {
      const point = bls12_381.G1.hashToCurve(roundMessage(round), { DST: HASH_DOMAIN });
      return point.multiply(secretKey).toBytes(true);
    },
  };
}
