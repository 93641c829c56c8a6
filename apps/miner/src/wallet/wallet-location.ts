import { resolve } from "node:path";
import type { WalletLocation } from "@vision/sdk/chain";
import type { HotkeyConfig } from "../config/hotkey-config.js";

/**
 * Which wallet the configuration names; null when the hotkey is elsewhere.
 *
 * @param baseDirectory - Folder that a relative `walletsPath` counts from. A leading `~` is the home folder.
 */
export function walletLocation(config: HotkeyConfig, baseDirectory: string): WalletLocation | null {
  const { wallet, walletHotkey, walletsPath } = config;
  if (wallet === undefined) return null;
  return {
    wallet,
    ...(walletHotkey === undefined ? {} : { hotkey: walletHotkey }),
    ...(walletsPath === undefined ? {} : { walletsPath: /^~(\/|$)/.test(walletsPath) ? walletsPath : resolve(baseDirectory, walletsPath) }),
  };
}
