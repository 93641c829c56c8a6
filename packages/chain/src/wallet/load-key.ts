import type { Hotkey } from "@vision/signing";
import { type ReadKeyfileOptions, readKeyfile } from "./keyfile.js";
import { walletError } from "./wallet-error.js";
import { type WalletLocation, walletPaths } from "./wallet-paths.js";

/** Where a key is and how to open it. */
export type LoadKeyOptions = WalletLocation & ReadKeyfileOptions;

/**
 * The hotkey of a wallet, ready to sign for requests and for the chain.
 *
 * @throws {@link VisionError} `WALLET_NOT_FOUND`, `WALLET_INVALID` (public-only files too) or `WALLET_PASSWORD`.
 */
export async function loadHotkey(options: LoadKeyOptions = {}): Promise<Hotkey> {
  return loadSigner(walletPaths(options).hotkey, options);
}

/** The coldkey of a wallet. Only registering and staking need it; no program runs with it. */
export async function loadColdkey(options: LoadKeyOptions = {}): Promise<Hotkey> {
  return loadSigner(walletPaths(options).coldkey, options);
}

/** The coldkey's address, from `coldkeypub.txt`: no password needed. */
export async function readColdkeyAddress(location: WalletLocation = {}): Promise<string> {
  return (await readKeyfile(walletPaths(location).coldkeyPublic)).address;
}

async function loadSigner(path: string, options: ReadKeyfileOptions): Promise<Hotkey> {
  const { hotkey } = await readKeyfile(path, options);
  if (hotkey === null) throw walletError("WALLET_INVALID", `The key file ${path} holds an address only, nothing to sign with.`, { path });
  return hotkey;
}
