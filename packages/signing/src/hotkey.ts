import { VisionError } from "@vision/protocol";
import { toAddress } from "./address.js";
import { requireReady, type Sr25519 } from "./ready.js";
import { parseSecretUri } from "./secret-uri.js";

/** A key that signs requests. Structurally a chain signer too. The secret stays inside the closure: it is neither printed nor serialised. */
export type Hotkey = {
  /** ss58 address, prefix 42. */
  readonly address: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** sr25519 signature in the `substrate` context, 64 bytes. Not deterministic: sr25519 adds randomness. */
  sign(message: Uint8Array): Uint8Array;
};

/** The phrase that Substrate's development accounts (`//Alice`) are derived from. Public knowledge: never hold value on it. */
const DEVELOPMENT_PHRASE = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

/**
 * The hotkey of a 32-byte seed (sr25519 mini secret).
 *
 * @throws {@link VisionError} `SIGNING_INVALID_KEY` for any other length, `SIGNING_NOT_READY` before `ready()` has resolved.
 */
export function createHotkeyFromSeed(seed: Uint8Array): Hotkey {
  const sr25519 = requireReady();
  if (!(seed instanceof Uint8Array)) throw invalidKey("A seed is a Uint8Array of 32 bytes.");
  if (seed.length !== 32) throw invalidKey(`A seed has 32 bytes, this one has ${seed.length}.`);
  return fromKeypair(sr25519, sr25519.sr25519KeypairFromSeed(seed));
}

/**
 * The hotkey of a BIP-39 mnemonic, as Substrate and bittensor derive it (no password).
 *
 * @throws {@link VisionError} `SIGNING_INVALID_KEY` when the phrase is none; the phrase is not part of the message.
 */
export function createHotkeyFromMnemonic(phrase: string): Hotkey {
  const sr25519 = requireReady();
  if (!sr25519.bip39Validate(phrase)) throw invalidKey("The mnemonic is not a BIP-39 phrase.");
  return createHotkeyFromSeed(sr25519.bip39ToMiniSecret(phrase, ""));
}

/**
 * The hotkey of a secret URI: a phrase or 0x seed, then `//hard` and `/soft` junctions, then `///password`.
 * With no phrase it is one of the well-known development keys, e.g. `//Alice`.
 *
 * @throws {@link VisionError} `SIGNING_INVALID_KEY` when it cannot be read.
 */
export function createHotkeyFromUri(uri: string): Hotkey {
  const sr25519 = requireReady();
  if (typeof uri !== "string") throw invalidKey("A secret URI is text such as //Alice.");
  const parsed = parseSecretUri(uri.startsWith("/") ? `${DEVELOPMENT_PHRASE}${uri}` : uri, sr25519.blake2b);
  if (parsed === null) throw invalidKey("The secret URI cannot be read.");
  let keypair = sr25519.sr25519KeypairFromSeed(seedOfPhrase(sr25519, parsed.phrase, parsed.password));
  for (const { isHard, chainCode } of parsed.junctions) {
    keypair = isHard ? sr25519.sr25519DeriveKeypairHard(keypair, chainCode) : sr25519.sr25519DeriveKeypairSoft(keypair, chainCode);
  }
  return fromKeypair(sr25519, keypair);
}

function seedOfPhrase(sr25519: Sr25519, phrase: string, password: string): Uint8Array {
  if (/^0x[0-9a-f]{64}$/i.test(phrase)) return Uint8Array.from(Buffer.from(phrase.slice(2), "hex"));
  if (!sr25519.bip39Validate(phrase)) throw invalidKey("The secret URI holds no BIP-39 phrase.");
  return sr25519.bip39ToMiniSecret(phrase, password);
}

/** `keypair`: 64 bytes of secret, then 32 of public key, as schnorrkel's wasm returns it. */
function fromKeypair(sr25519: Sr25519, keypair: Uint8Array): Hotkey {
  const secret = keypair.slice(0, 64);
  const publicKey = keypair.slice(64);
  return {
    address: toAddress(publicKey),
    publicKey,
    sign: (message) => sr25519.sr25519Sign(publicKey, secret, message),
  };
}

function invalidKey(message: string): VisionError {
  return new VisionError({ code: "SIGNING_INVALID_KEY", message });
}
