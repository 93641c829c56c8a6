import { mnemonicGenerate } from "@polkadot/util-crypto";
import { writeKeyfile } from "./keyfile.js";
import { type Keypair, keypairFromMnemonic } from "./keypair.js";
import { type WalletLocation, walletPaths } from "./wallet-paths.js";

/** The key of a new random phrase of 12 words. */
export async function createKeypair(): Promise<Keypair> {
  return keypairFromMnemonic(mnemonicGenerate(12));
}

/** Writes a plain hotkey file and its public twin; a new random key unless one is given. @throws `WALLET_INVALID` when it exists. */
export async function createHotkeyFile(location: WalletLocation, keypair?: Keypair): Promise<Keypair> {
  const paths = walletPaths(location);
  const key = keypair ?? (await createKeypair());
  await writeKeyfile(paths.hotkey, key);
  await writeKeyfile(paths.hotkeyPublic, key, { isPublicOnly: true, shouldOverwrite: true });
  return key;
}

/**
 * Writes a coldkey file, encrypted unless `password` is null, and `coldkeypub.txt`; a new random key unless one is given.
 *
 * @throws {@link VisionError} `WALLET_INVALID` when a coldkey is there already.
 */
export async function createColdkeyFile(
  location: WalletLocation,
  options: { readonly password: string | null; readonly keypair?: Keypair; readonly signal?: AbortSignal },
): Promise<Keypair> {
  const paths = walletPaths(location);
  const key = options.keypair ?? (await createKeypair());
  await writeKeyfile(paths.coldkey, key, {
    ...(options.password === null ? {} : { password: options.password }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  await writeKeyfile(paths.coldkeyPublic, key, { isPublicOnly: true, shouldOverwrite: true });
  return key;
}
