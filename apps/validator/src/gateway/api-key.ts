import { createHash, randomBytes } from "node:crypto";

const PREFIX_CHARACTERS = 12;

/** A new API key. `key` is shown once and never stored. */
export type NewApiKey = { readonly key: string; readonly prefix: string; readonly sha256Hex: string };

/** SHA-256 of a key's text, lower-case hex: what is stored and looked up. */
export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** Makes a key of 256 random bits: `vsn-` and 43 characters. */
export function createApiKey(random: (size: number) => Uint8Array = randomBytes): NewApiKey {
  const key = `vsn-${Buffer.from(random(32)).toString("base64url")}`;
  return { key, prefix: key.slice(0, PREFIX_CHARACTERS), sha256Hex: hashApiKey(key) };
}
