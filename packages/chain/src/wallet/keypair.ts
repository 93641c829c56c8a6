import { mnemonicToMiniSecret, mnemonicValidate } from "@polkadot/util-crypto";
import { sr25519KeypairFromSeed, sr25519Sign, sr25519Verify } from "@polkadot/wasm-crypto";
import { createHotkeyFromSeed, type Hotkey, parseAddress, ready, toAddress } from "@vision/signing";
import { canonicalPrivateKey, expandPrivateKey } from "./private-key.js";
import { walletError } from "./wallet-error.js";

/** The secret of a key, in the forms that btcli writes. Never log it. */
export type KeySecret = {
  readonly mnemonic: string | null;
  /** 32 bytes, hex with 0x. */
  readonly seedHex: string | null;
  /** schnorrkel's canonical `scalar ‖ nonce`, 64 bytes, hex with 0x. */
  readonly privateKeyHex: string;
};

/** A key out of a key file. Its secret sits in closures: printing or serialising a keypair shows the public part only. */
export type Keypair = {
  /** ss58 address, prefix 42. */
  readonly address: string;
  readonly publicKey: Uint8Array;
  /** The signing half; null in a public-only file. */
  readonly hotkey: Hotkey | null;
  /** The secret, for writing files and for `--show-secret`; null in a public-only file. */
  readonly revealSecret: (() => KeySecret) | null;
};

/** Keypair of a BIP-39 mnemonic, as btcli and polkadot.js derive it. @throws {@link VisionError} `WALLET_INVALID`. */
export async function keypairFromMnemonic(mnemonic: string): Promise<Keypair> {
  await ready();
  if (!mnemonicValidate(mnemonic)) throw walletError("WALLET_INVALID", "The mnemonic is not a BIP-39 phrase.");
  return fromSeed(mnemonicToMiniSecret(mnemonic), mnemonic);
}

/** Keypair of a 32-byte seed. @throws {@link VisionError} `WALLET_INVALID` for another length. */
export async function keypairFromSeed(seed: Uint8Array): Promise<Keypair> {
  await ready();
  if (seed.length !== 32) throw walletError("WALLET_INVALID", "A seed has 32 bytes.");
  return fromSeed(seed, null);
}

/**
 * Keypair of a canonical private key, as files without phrase and seed hold it.
 *
 * @throws {@link VisionError} `WALLET_INVALID` when it is not 64 bytes or does not belong to the public key.
 */
export async function keypairFromPrivateKey(privateKey: Uint8Array, publicKey: Uint8Array): Promise<Keypair> {
  await ready();
  if (privateKey.length !== 64) throw walletError("WALLET_INVALID", "A private key has 64 bytes.");
  const secret = expandPrivateKey(privateKey);
  const probe = new Uint8Array(32);
  if (!sr25519Verify(safeSign(publicKey, secret, probe), probe, publicKey)) {
    throw walletError("WALLET_INVALID", "The private key does not belong to the file's public key.");
  }
  const address = toAddress(publicKey);
  const hotkey: Hotkey = { address, publicKey, sign: (message) => sr25519Sign(publicKey, secret, message) };
  return { address, publicKey, hotkey, revealSecret: () => ({ mnemonic: null, seedHex: null, privateKeyHex: toHex(privateKey) }) };
}

/** Keypair without a secret. @throws {@link VisionError} `SIGNING_INVALID_KEY` for a wrong address. */
export function publicKeypair(address: string): Keypair {
  return { address, publicKey: parseAddress(address), hotkey: null, revealSecret: null };
}

function fromSeed(seed: Uint8Array, mnemonic: string | null): Keypair {
  const hotkey = createHotkeyFromSeed(seed);
  const revealSecret = (): KeySecret => ({
    mnemonic,
    seedHex: toHex(seed),
    privateKeyHex: toHex(canonicalPrivateKey(sr25519KeypairFromSeed(seed).subarray(0, 64))),
  });
  return { address: hotkey.address, publicKey: hotkey.publicKey, hotkey, revealSecret };
}

function safeSign(publicKey: Uint8Array, secret: Uint8Array, message: Uint8Array): Uint8Array {
  try {
    return sr25519Sign(publicKey, secret, message);
  } catch {
    throw walletError("WALLET_INVALID", "The private key is not an sr25519 key.");
  }
}

function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
