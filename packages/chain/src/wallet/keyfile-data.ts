import { parseAddress, toAddress } from "@vision/signing";
import { z } from "zod";
import { type Keypair, keypairFromMnemonic, keypairFromPrivateKey, keypairFromSeed, publicKeypair } from "./keypair.js";
import { walletError } from "./wallet-error.js";

const text = z.string().nullish();
const keyfileSchema = z.looseObject({
  cryptoType: z.unknown().optional(),
  accountId: text,
  publicKey: text,
  privateKey: text,
  secretPhrase: text,
  secretSeed: text,
  ss58Address: text,
});

/** btwallet's numbers for kinds of keys. A kind that is no number, which some tools write, is sr25519 for btcli. */
const ED25519 = 0;
const SR25519 = 1;

/** True for the plain bytes of a key file with an ed25519 key, which btcli opens and nothing here signs with. */
export function isEd25519Keyfile(bytes: Uint8Array): boolean {
  return keyfileSchema.safeParse(safeJson(bytes)).data?.cryptoType === ED25519;
}

/**
 * The key in the plain bytes of a key file. Phrase, seed, private key and address are tried in btcli's order; whatever comes first gives
 * the key, and it must be the key of the file's address. A seed that is not 32 bytes of hex (some versions of btwallet write garbage
 * there) is passed over.
 *
 * @throws {@link VisionError} `WALLET_INVALID`; its message quotes nothing of the file.
 */
export async function parseKeyfileData(bytes: Uint8Array): Promise<Keypair> {
  const parsed = keyfileSchema.safeParse(safeJson(bytes));
  if (!parsed.success) throw walletError("WALLET_INVALID", "The key file is not a key in btcli's JSON format.");
  const file = parsed.data;
  const publicKey = hexBytes(file.publicKey, 32) ?? hexBytes(file.accountId, 32);
  const address = file.ss58Address ?? (publicKey === null ? null : toAddress(publicKey));
  const kind = typeof file.cryptoType === "number" ? file.cryptoType : SR25519;
  if (kind !== SR25519) {
    // Its address is as good as any other; only signing with it is not possible.
    if (kind === ED25519 && address !== null && !file.secretPhrase && !file.secretSeed && !file.privateKey) return publicKeypair(address);
    throw walletError("WALLET_INVALID", `The key is ${kind === ED25519 ? "an ed25519 key" : "of an unknown kind"}, not an sr25519 key.`, {
      hint: "Only sr25519 keys can sign here; make one with `wallet new`.",
    });
  }
  const keypair = await keypairOf(file, address);
  if (address !== null && address !== keypair.address) {
    throw walletError("WALLET_INVALID", "The secret in the key file is not the one of the file's address.");
  }
  return keypair;
}

async function keypairOf(file: z.infer<typeof keyfileSchema>, address: string | null): Promise<Keypair> {
  if (file.secretPhrase?.trim()) return keypairFromMnemonic(file.secretPhrase.trim().split(/\s+/).join(" "));
  const seed = hexBytes(file.secretSeed, 32);
  if (seed !== null) return keypairFromSeed(seed);
  if (address === null) throw walletError("WALLET_INVALID", "The key file holds neither a secret nor an address.");
  const privateKey = hexBytes(file.privateKey, 64);
  return privateKey === null ? publicKeypair(address) : keypairFromPrivateKey(privateKey, parseAddress(address));
}

/** The plain bytes of a key file for a keypair; the public half only when `isPublicOnly`. btcli reads them. */
export function formatKeyfileData(keypair: Keypair, isPublicOnly = false): Uint8Array {
  const publicKeyHex = `0x${Buffer.from(keypair.publicKey).toString("hex")}`;
  const secret = isPublicOnly ? null : (keypair.revealSecret?.() ?? null);
  const file = {
    accountId: publicKeyHex,
    publicKey: publicKeyHex,
    ...(secret === null ? {} : { privateKey: secret.privateKeyHex }),
    ...(secret?.mnemonic ? { secretPhrase: secret.mnemonic } : {}),
    ...(secret?.seedHex ? { secretSeed: secret.seedHex } : {}),
    ss58Address: keypair.address,
  };
  return new TextEncoder().encode(JSON.stringify(file));
}

function safeJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function hexBytes(hex: string | null | undefined, byteCount: number): Uint8Array | null {
  if (!hex || !/^(0x)?[0-9a-f]*$/i.test(hex)) return null;
  const bytes = Uint8Array.from(Buffer.from(hex.replace(/^0x/, ""), "hex"));
  return bytes.length === byteCount ? bytes : null;
}
