import { hash } from "node:crypto";
import { VisionError } from "@vision/protocol";
import { decodeBase58, encodeBase58 } from "./base58.js";

/** ss58 prefix of subtensor accounts: the generic Substrate prefix. Below 64 it is one byte. */
const SS58_PREFIX = 42;
const KEY_BYTES = 32;
const CHECKSUM_BYTES = 2;
// Decoding costs about 10 us and the same few peers come again and again. Bounded: a flood of new addresses only empties the cache.
const MAX_CACHED_ADDRESSES = 4096;
const cache = new Map<string, Uint8Array>();

/**
 * The public key (32 bytes) of an ss58 address with prefix 42. The array is shared: do not write to it.
 *
 * @throws {@link VisionError} `SIGNING_INVALID_KEY` when it is no such address. Other spellings of the same account (another prefix, hex)
 * are refused, so that one account has exactly one name.
 */
export function parseAddress(address: string): Uint8Array {
  const publicKey = safeParseAddress(address);
  if (publicKey !== null) return publicKey;
  throw new VisionError({
    code: "SIGNING_INVALID_KEY",
    message: "Not an ss58 address with prefix 42.",
    facts: { address: address.slice(0, 64) },
  });
}

/** The public key of an address, or `null` when it is none. Never throws. */
export function safeParseAddress(address: string): Uint8Array | null {
  const cached = cache.get(address);
  if (cached !== undefined) return cached;
  if (address.length < 46 || address.length > 48) return null;
  const bytes = decodeBase58(address);
  if (bytes?.length !== 1 + KEY_BYTES + CHECKSUM_BYTES || bytes[0] !== SS58_PREFIX) return null;
  const publicKey = Uint8Array.from(bytes.subarray(1, 1 + KEY_BYTES));
  if (toAddress(publicKey) !== address) return null;
  if (cache.size >= MAX_CACHED_ADDRESSES) cache.clear();
  cache.set(address, publicKey);
  return publicKey;
}

/** True when the text is an ss58 address with prefix 42 and a right checksum. */
export function isAddress(text: string): boolean {
  return safeParseAddress(text) !== null;
}

/**
 * The ss58 address (prefix 42) of a 32-byte public key.
 *
 * @throws {@link VisionError} `SIGNING_INVALID_KEY` for any other length.
 */
export function toAddress(publicKey: Uint8Array): string {
  if (publicKey.length !== KEY_BYTES) {
    throw new VisionError({
      code: "SIGNING_INVALID_KEY",
      message: `A public key has ${KEY_BYTES} bytes, this one has ${publicKey.length}.`,
    });
  }
  const payload = Buffer.concat([Buffer.of(SS58_PREFIX), publicKey]);
  const checksum = hash("blake2b512", Buffer.concat([Buffer.from("SS58PRE"), payload]), "buffer").subarray(0, CHECKSUM_BYTES);
  return encodeBase58(Buffer.concat([payload, checksum]));
}
