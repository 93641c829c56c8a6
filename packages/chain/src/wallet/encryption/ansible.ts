import { createDecipheriv, createHmac, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { walletError } from "../wallet-error.js";

const HEADER = "$ANSIBLE_VAULT;1.1;AES256";
const derive = promisify(pbkdf2);

/** True for the bytes of an ansible-vault file. */
export function isAnsibleKeyfile(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 14)).toString("latin1") === "$ANSIBLE_VAULT";
}

/**
 * Plain bytes of an ansible-vault 1.1 file: hex of (hex salt, hex HMAC, hex ciphertext), PBKDF2-HMAC-SHA256 with 10,000 rounds to
 * 80 bytes (cipher key, HMAC key, counter), AES-256-CTR, PKCS#7.
 *
 * @throws {@link VisionError} `WALLET_PASSWORD` for a wrong password, `WALLET_INVALID` for a damaged file.
 */
export async function openAnsible(bytes: Uint8Array, password: string): Promise<Uint8Array> {
  const lines = Buffer.from(bytes).toString("latin1").trim().split(/\r?\n/);
  if (lines[0]?.trim() !== HEADER) throw walletError("WALLET_INVALID", "The key file is an ansible vault of an unknown version.");
  const parts = fromHex(
    lines
      .slice(1)
      .map((line) => line.trim())
      .join(""),
  )
    .toString("latin1")
    .split("\n");
  const [salt, mac, ciphertext] = parts.map(fromHex);
  if (salt === undefined || mac === undefined || ciphertext === undefined) throw walletError("WALLET_INVALID", "The key file is damaged.");
  const keys = await derive(password, salt, 10_000, 80, "sha256");
  const expected = createHmac("sha256", keys.subarray(32, 64)).update(ciphertext).digest();
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) {
    throw walletError("WALLET_PASSWORD", "The password does not open the key file.");
  }
  const decipher = createDecipheriv("aes-256-ctr", keys.subarray(0, 32), keys.subarray(64, 80));
  const padded = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  return Uint8Array.from(padded.subarray(0, padded.length - (padded.at(-1) ?? 0)));
}

function fromHex(hex: string): Buffer {
  return Buffer.from(hex, "hex");
}
