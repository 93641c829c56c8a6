import { naclDecrypt, naclEncrypt } from "@polkadot/util-crypto";
import { walletError } from "../wallet-error.js";
import { deriveKeyInWorker } from "./derive-in-worker.js";

const PREFIX = new TextEncoder().encode("$NACL");
const NONCE_BYTES = 24;
/** Fixed by btwallet for every file; a password is therefore only as good as it is unique. */
const SALT = Uint8Array.from(Buffer.from("137183dff15a09bc9c90b5518739e9b1", "hex"));
const PASSES = 8; // libsodium's OPSLIMIT_SENSITIVE for argon2i
const MEMORY_BYTES = 536_870_912; // libsodium's MEMLIMIT_SENSITIVE

/** True for the bytes of a `$NACL` key file. */
export function isNaclKeyfile(bytes: Uint8Array): boolean {
  return PREFIX.every((byte, index) => bytes[index] === byte);
}

/** The 32-byte key of a password under btwallet's fixed salt. Takes about 6 s and 512 MiB, in a worker thread. */
export function naclKeyOfPassword(password: string, signal?: AbortSignal): Promise<Uint8Array> {
  return deriveKeyInWorker({ password, salt: SALT, passes: PASSES, memoryBytes: MEMORY_BYTES }, signal);
}

/** Plain bytes of a `$NACL` key file. @throws {@link VisionError} `WALLET_PASSWORD` when the key is not the file's. */
export function openNacl(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  const nonce = bytes.subarray(PREFIX.length, PREFIX.length + NONCE_BYTES);
  const box = bytes.subarray(PREFIX.length + NONCE_BYTES);
  const plain = nonce.length === NONCE_BYTES && box.length > 16 ? naclDecrypt(box, nonce, key) : null;
  if (plain === null) throw walletError("WALLET_PASSWORD", "The password does not open the key file.");
  return plain;
}

/** Bytes of a `$NACL` key file: prefix, 24-byte nonce, XSalsa20-Poly1305 box. */
export function sealNacl(plain: Uint8Array, key: Uint8Array): Uint8Array {
  const { encrypted, nonce } = naclEncrypt(plain, key);
  return Uint8Array.from(Buffer.concat([PREFIX, nonce, encrypted]));
}
