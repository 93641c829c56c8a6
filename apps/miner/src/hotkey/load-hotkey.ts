import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { createHotkeyFromMnemonic, createHotkeyFromSeed, createHotkeyFromUri, type Hotkey, ready } from "@vision/sdk";
import type { HotkeyConfig } from "../config/hotkey-config.js";
import { walletLocation } from "../wallet/wallet-location.js";

/** What a hotkey is loaded with. */
export type HotkeySurroundings = {
  /** Folder that paths in the configuration count from. */
  readonly baseDirectory: string;
  /** Where the password of an encrypted wallet is looked up, under btcli's name. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/**
 * The hotkey that the configuration names. Error messages never quote what a key file holds.
 *
 * @throws Error when a file cannot be read; VisionError `SIGNING_INVALID_KEY` when it holds no key; VisionError `WALLET_NOT_FOUND`,
 * `WALLET_INVALID` or `WALLET_PASSWORD` for a wallet that cannot be opened.
 */
export async function loadHotkey(config: HotkeyConfig, { baseDirectory, environment }: HotkeySurroundings): Promise<Hotkey> {
  const wallet = walletLocation(config, baseDirectory);
  if (wallet !== null) {
    // The wallet files need libraries that a miner with another kind of key should not wait for.
    const { loadHotkey: loadWalletHotkey } = await import("@vision/sdk/chain");
    return loadWalletHotkey({ ...wallet, env: environment });
  }
  await ready();
  if (config.mnemonicFile !== undefined) return createHotkeyFromMnemonic(await readKeyFile(config.mnemonicFile, baseDirectory));
  if (config.seedFile !== undefined) {
    const hex = await readKeyFile(config.seedFile, baseDirectory);
    return createHotkeyFromSeed(Uint8Array.from(Buffer.from(hex.replace(/^0x/, ""), "hex")));
  }
  return createHotkeyFromUri(config.uri ?? "");
}

async function readKeyFile(path: string, baseDirectory: string): Promise<string> {
  return (await readFile(resolve(baseDirectory, path), "utf8")).trim().replaceAll(/\s+/g, " ");
}
