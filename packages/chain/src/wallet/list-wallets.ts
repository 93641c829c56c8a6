import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { VisionError } from "@vision/protocol";
import { type KeyfileEncryption, keyfileEncryption, readKeyfile, readKeyfileBytes } from "./keyfile.js";
import { defaultWalletsPath, walletPaths } from "./wallet-paths.js";

/** The public side of one wallet. `address` is null where a file is encrypted, missing or unreadable. */
export type WalletSummary = {
  readonly wallet: string;
  readonly coldkeyAddress: string | null;
  readonly coldkeyEncryption: KeyfileEncryption | "missing";
  readonly hotkeys: readonly { readonly hotkey: string; readonly address: string | null; readonly encryption: KeyfileEncryption }[];
};

/** Every wallet in the folder, by name. Opens no encrypted file; an absent folder is an empty list. */
export async function listWallets(walletsPath?: string): Promise<readonly WalletSummary[]> {
  const folder = defaultWalletsPath(walletsPath);
  const names = (await safeNames(folder, "directory")).sort();
  return Promise.all(names.map((wallet) => summarise(folder, wallet)));
}

async function summarise(walletsPath: string, wallet: string): Promise<WalletSummary> {
  const paths = walletPaths({ walletsPath, wallet });
  const hotkeyNames = (await safeNames(paths.hotkeys, "file")).filter((name) => !name.endsWith("pub.txt")).sort();
  const hotkeys = await Promise.all(
    hotkeyNames.map(async (hotkey) => {
      const path = join(paths.hotkeys, hotkey);
      const encryption = await safeEncryption(path);
      const address = (await safeAddress(encryption === "none" ? path : `${path}pub.txt`)) ?? null;
      return { hotkey, address, encryption: encryption === "missing" ? ("none" as const) : encryption };
    }),
  );
  const coldkeyAddress = (await safeAddress(paths.coldkeyPublic)) ?? (await safeAddress(paths.coldkey));
  return { wallet, coldkeyAddress, coldkeyEncryption: await safeEncryption(paths.coldkey), hotkeys };
}

async function safeAddress(path: string): Promise<string | null> {
  try {
    return (await readKeyfile(path)).address;
  } catch (error) {
    if (VisionError.isInstance(error)) return null;
    throw error;
  }
}

async function safeEncryption(path: string): Promise<KeyfileEncryption | "missing"> {
  try {
    return keyfileEncryption(await readKeyfileBytes(path));
  } catch (error) {
    if (VisionError.isInstance(error)) return "missing";
    throw error;
  }
}

async function safeNames(folder: string, kind: "file" | "directory"): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => (kind === "file" ? entry.isFile() : entry.isDirectory())).map((entry) => entry.name);
  } catch {
    return [];
  }
}
