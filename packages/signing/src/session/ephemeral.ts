import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from "node:crypto";

// DER headers of RFC 8410 for a raw X25519 key: PKCS#8 private, SubjectPublicKeyInfo public.
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

/** An X25519 key pair for one session. */
export type EphemeralKey = { readonly privateKey: KeyObject; readonly publicKeyHex: string };

/** The X25519 key pair of 32 random bytes. */
export function createEphemeralKey(seed: Uint8Array): EphemeralKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: "der", type: "pkcs8" });
  const der = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return { privateKey, publicKeyHex: der.subarray(PUBLIC_PREFIX.length).toString("hex") };
}

/** The shared secret (32 bytes) with a peer's public key, or `null` for a key of low order, which would make the secret guessable. */
export function agree(ours: EphemeralKey, theirPublicKeyHex: string): Uint8Array | null {
  try {
    const key = Buffer.concat([PUBLIC_PREFIX, Buffer.from(theirPublicKeyHex, "hex")]);
    const secret = diffieHellman({ privateKey: ours.privateKey, publicKey: createPublicKey({ key, format: "der", type: "spki" }) });
    return secret.every((byte) => byte === 0) ? null : secret;
  } catch {
    return null;
  }
}
