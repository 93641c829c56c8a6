import { keyExtractSuri, mnemonicToMiniSecret, mnemonicValidate } from "@polkadot/util-crypto";
import { sr25519DeriveKeypairHard, sr25519DeriveKeypairSoft, sr25519KeypairFromSeed, sr25519Sign } from "@polkadot/wasm-crypto";
import { VisionError } from "@vision/protocol";
import { toAddress } from "./address.js";
import { requireReady } from "./ready.js";

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
  requireReady();
  if (seed.length !== 32) throw invalidKey(`A seed has 32 bytes, this one has ${seed.length}.`);
  return fromKeypair(sr25519KeypairFromSeed(seed));
}

/**
 * The hotkey of a BIP-39 mnemonic, as Substrate and bittensor derive it (no password).
 *
 * @throws {@link VisionError} `SIGNING_INVALID_KEY` when the phrase is none; the phrase is not part of the message.
 */
export function createHotkeyFromMnemonic(phrase: string): Hotkey {
  requireReady();
  if (!mnemonicValidate(phrase)) throw invalidKey("The mnemonic is not a BIP-39 phrase.");
  return createHotkeyFromSeed(mnemonicToMiniSecret(phrase));
}

/**
 * The hotkey of a secret URI: a phrase or 0x seed, then `//hard` and `/soft` junctions, then `///password`.
 * With no phrase it is one of the well-known development keys, e.g. `//Alice`.
 *
 * @throws {@link VisionError} `SIGNING_INVALID_KEY` when it cannot be read.
 */
export function createHotkeyFromUri(uri: string): Hotkey {
  requireReady();
  try {
    const { phrase, password, path } = keyExtractSuri(uri.startsWith("/") ? `${DEVELOPMENT_PHRASE}${uri}` : uri);
    let keypair = sr25519KeypairFromSeed(seedOfPhrase(phrase, password));
    for (const junction of path) {
      keypair = junction.isHard
        ? sr25519DeriveKeypairHard(keypair, junction.chainCode)
        : sr25519DeriveKeypairSoft(keypair, junction.chainCode);
    }
    return fromKeypair(keypair);
  } catch (error) {
    if (VisionError.isInstance(error)) throw error;
    // The cause is left out: it may quote the secret.
    throw invalidKey("The secret URI cannot be read.");
  }
}

function seedOfPhrase(phrase: string, password: string | undefined): Uint8Array {
  if (/^0x[0-9a-f]{64}$/i.test(phrase)) return Uint8Array.from(Buffer.from(phrase.slice(2), "hex"));
  if (!mnemonicValidate(phrase)) throw invalidKey("The secret URI holds no BIP-39 phrase.");
  return mnemonicToMiniSecret(phrase, password);
}

/** `keypair`: 64 bytes of secret, then 32 of public key, as schnorrkel's wasm returns it. */
function fromKeypair(keypair: Uint8Array): Hotkey {
  const secret = keypair.slice(0, 64);
  const publicKey = keypair.slice(64);
  return {
    address: toAddress(publicKey),
    publicKey,
    sign: (message) => sr25519Sign(publicKey, secret, message),
  };
}

function invalidKey(message: string): VisionError {
  return new VisionError({ code: "SIGNING_INVALID_KEY", message });
}
