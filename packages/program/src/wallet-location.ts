import type { WalletLocation } from "@vision/chain/wallet";

/** Where a hotkey is: one of a mnemonic or seed in a file, a development key, or a wallet in btcli's files. Paths are absolute. */
export type HotkeySource = {
  readonly wallet?: { readonly name?: string | undefined; readonly hotkey?: string | undefined; readonly path?: string | undefined };
  readonly hotkey?: {
    readonly mnemonicFile?: string | undefined;
    readonly seedFile?: string | undefined;
    readonly uri?: string | undefined;
    readonly areDevKeysAllowed?: boolean;
  };
};

/** Which wallet the settings name; null when the hotkey is elsewhere. */
export function walletLocation({ wallet = {} }: HotkeySource): WalletLocation | null {
  if (wallet.name === undefined) return null;
  return {
    wallet: wallet.name,
    ...(wallet.hotkey === undefined ? {} : { hotkey: wallet.hotkey }),
    ...(wallet.path === undefined ? {} : { walletsPath: wallet.path }),
  };
}
