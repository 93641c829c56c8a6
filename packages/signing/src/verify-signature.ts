import { safeParseAddress } from "./address.js";
import { requireReady } from "./ready.js";

/** A signature to be checked. */
export type SignatureClaim = {
  /** ss58 address (prefix 42) of the signer. */
  readonly address: string;
  readonly message: Uint8Array;
  /** 64 bytes; any other length is no valid signature. */
  readonly signature: Uint8Array;
};

/**
 * True when the address signed exactly these bytes (sr25519, `substrate` context). False for anything else, however broken: it never
 * throws on bad input.
 *
 * @throws {@link VisionError} `SIGNING_NOT_READY` before `ready()` has resolved, which is the caller's bug.
 */
export function verifySignature({ address, message, signature }: SignatureClaim): boolean {
  const { sr25519Verify } = requireReady();
  if (signature.length !== 64) return false;
  const publicKey = safeParseAddress(address);
  if (publicKey === null) return false;
  try {
    return sr25519Verify(signature, message, publicKey);
  } catch {
    return false;
  }
}
