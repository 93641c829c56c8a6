import { VisionError } from "@vision/protocol";
import { type KeyfileEncryption, keyfileEncryption, readKeyfileBytes } from "./keyfile.js";
import { isEd25519Keyfile, parseKeyfileData } from "./keyfile-data.js";

/** What a file at a key's place is. `none` is a plain key; `invalid` holds none, `unreadable` cannot be looked into. */
export type KeyfileState = KeyfileEncryption | "missing" | "empty" | "unreadable" | "ed25519" | "invalid";

/** A key file as it is, without opening an encrypted one. `address` is null where it is not in the file for all to read. */
export type KeyfileInspection = { readonly state: KeyfileState; readonly address: string | null };

/** Shortest encrypted key file, bytes: what is shorter broke off. */
const MIN_ENCRYPTED_BYTES = 100;

/** Looks at a key file. Never rejects: a broken file is a finding. */
export async function inspectKeyfile(path: string): Promise<KeyfileInspection> {
  let bytes: Uint8Array;
  try {
    bytes = await readKeyfileBytes(path);
  } catch (error) {
    return { state: VisionError.isInstance(error, "WALLET_NOT_FOUND") ? "missing" : "unreadable", address: null };
  }
  if (bytes.length === 0) return { state: "empty", address: null };
  const encryption = keyfileEncryption(bytes);
  if (encryption !== "none") return { state: bytes.length < MIN_ENCRYPTED_BYTES ? "invalid" : encryption, address: null };
  try {
    const { address } = await parseKeyfileData(bytes);
    return { state: isEd25519Keyfile(bytes) ? "ed25519" : "none", address };
  } catch {
    return { state: isEd25519Keyfile(bytes) ? "ed25519" : "invalid", address: null };
  }
}
