import { readFile, stat } from "node:fs/promises";
import { VisionError } from "@vision/protocol";
import { createHotkeyFromMnemonic, createHotkeyFromSeed, createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import { type HotkeySource, walletLocation } from "./wallet-location.js";

/** What a hotkey is loaded with. */
export type HotkeySurroundings = {
  /** Where the password of an encrypted wallet is looked up, under btcli's name. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/**
 * The hotkey that a configuration names, ready to sign. Error messages never quote what a key file holds.
 *
 * @throws VisionError `SIGNING_INVALID_KEY` for a file that cannot be read, that others can read or that holds no key; `WALLET_NOT_FOUND`,
 * `WALLET_INVALID` or `WALLET_PASSWORD` for a wallet that cannot be opened.
 */
export async function loadHotkey(source: HotkeySource, { environment }: HotkeySurroundings): Promise<Hotkey> {
  const wallet = walletLocation(source);
  if (wallet !== null) {
    // The wallet files need libraries that a program with another kind of key should not wait for.
    const { loadHotkey: loadWalletHotkey } = await import("@vision/chain/wallet");
    return loadWalletHotkey({ ...wallet, env: environment });
  }
  await ready();
  const { mnemonicFile, seedFile, uri = "" } = source.hotkey ?? {};
  if (mnemonicFile !== undefined) return createHotkeyFromMnemonic((await readSecret(mnemonicFile)).replaceAll(/\s+/g, " "));
  if (seedFile !== undefined) return createHotkeyFromSeed(parseSeed(await readSecret(seedFile), seedFile));
  return createHotkeyFromUri(uri);
}

async function readSecret(path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new VisionError({
        code: "SIGNING_INVALID_KEY",
        message: `The key file ${path} can be read by other users of this machine.`,
        hint: `Run: chmod 600 ${path}`,
      });
    }
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (VisionError.isInstance(error)) throw error;
    throw new VisionError({
      code: "SIGNING_INVALID_KEY",
      message: `The key file ${path} cannot be read.`,
      hint: "Check the path and the permissions.",
      cause: error,
    });
  }
}

function parseSeed(text: string, path: string): Uint8Array {
  const hex = /^(?:0x)?([0-9a-f]{64})$/i.exec(text)?.[1];
  if (hex !== undefined) return Uint8Array.from(Buffer.from(hex, "hex"));
  throw new VisionError({
    code: "SIGNING_INVALID_KEY",
    message: `The seed file ${path} does not hold 64 hexadecimal digits.`,
    hint: "A seed has 32 bytes, written in hex with or without 0x.",
  });
}
