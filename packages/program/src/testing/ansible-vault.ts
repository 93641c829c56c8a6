import { createCipheriv, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** A file as ansible-vault encrypts it, which is the form of older btcli wallets: quick to open, unlike today's. */
export function sealAnsible(plain: Uint8Array, password: string): string {
  const salt = randomBytes(32);
  const keys = pbkdf2Sync(password, salt, 10_000, 80, "sha256");
  const padding = 16 - (plain.length % 16);
  const cipher = createCipheriv("aes-256-ctr", keys.subarray(0, 32), keys.subarray(64, 80));
  const text = Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(padding, padding)])), cipher.final()]);
  const mac = createHmac("sha256", keys.subarray(32, 64)).update(text).digest("hex");
  const body = Buffer.from([salt.toString("hex"), mac, text.toString("hex")].join("\n")).toString("hex");
  return `$ANSIBLE_VAULT;1.1;AES256\n${body.replaceAll(/(.{80})/g, "$1\n")}\n`;
}
