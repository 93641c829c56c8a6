import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { createHotkeyFromMnemonic, createHotkeyFromSeed, createHotkeyFromUri, type Hotkey, ready } from "@vision/sdk";
import type { MinerConfig } from "../config/miner-config.js";

/**
 * The hotkey that the configuration names. Error messages never quote what a key file holds.
 *
 * @throws Error when a file cannot be read; VisionError `SIGNING_INVALID_KEY` when it holds no key.
 */
export async function loadHotkey(config: MinerConfig["hotkey"], baseDirectory: string): Promise<Hotkey> {
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
