import { createDecipheriv, createHmac, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { walletError } from "../wallet-error.js";

const derive = promisify(pbkdf2);
const LEGACY_SALT = "Iguesscyborgslikemyselfhaveatendencytobeparanoidaboutourorigins";
const LEGACY_ROUNDS = 10_000_000;

/** True for the bytes of the oldest encrypted key files: a Fernet token. */
export function isFernetKeyfile(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 6)).toString("latin1") === "gAAAAA";
}

/**
 * Plain bytes of a legacy key file: Fernet (HMAC-SHA256, AES-128-CBC) under PBKDF2-HMAC-SHA256 of the password, 10,000,000 rounds.
 *
 * @throws {@link VisionError} `WALLET_PASSWORD` for a wrong password or a damaged file; Fernet cannot tell them apart.
 */
export async function openFernet(bytes: Uint8Array, password: string): Promise<Uint8Array> {
  const token = Buffer.from(Buffer.from(bytes).toString("latin1").trim(), "base64url");
  const key = await derive(password, LEGACY_SALT, LEGACY_ROUNDS, 32, "sha256");
  const signed = token.subarray(0, -32);
  const expected = createHmac("sha256", key.subarray(0, 16)).update(signed).digest();
  if (token.length < 73 || !timingSafeEqual(token.subarray(-32), expected)) {
    throw walletError("WALLET_PASSWORD", "The password does not open the key file.");
  }
  const decipher = createDecipheriv("aes-128-cbc", key.subarray(16), token.subarray(9, 25));
  return Uint8Array.from(Buffer.concat([decipher.update(signed.subarray(25)), decipher.final()]));
}
