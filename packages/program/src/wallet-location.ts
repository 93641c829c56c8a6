import { resolve } from "node:path";
import type { WalletLocation } from "@vision/chain/wallet";

/** Where a hotkey is: one of a mnemonic or seed in a file, a development key, or a wallet in btcli's files. */
export type HotkeySource = {
  readonly mnemonicFile?: string | undefined;
  readonly seedFile?: string | undefined;
  readonly uri?: string | undefined;
  readonly wallet?: string | undefined;
  readonly walletHotkey?: string | undefined;
  readonly walletsPath?: string | undefined;
};

/**
 * Which wallet the configuration names; null when the hotkey is elsewhere.
 *
 * @param baseDirectory - Folder that a relative `walletsPath` counts from. A leading `~` is the home folder.
 */
export function walletLocation({ wallet, walletHotkey, walletsPath }: HotkeySource, baseDirectory: string): WalletLocation | null {
  if (wallet === undefined) return null;
  return {
    wallet,
    ...(walletHotkey === undefined ? {} : { hotkey: walletHotkey }),
    ...(walletsPath === undefined ? {} : { walletsPath: /^~(\/|$)/.test(walletsPath) ? walletsPath : resolve(baseDirectory, walletsPath) }),
  };
}
