import { homedir } from "node:os";
import { join } from "node:path";
import { walletError } from "./wallet-error.js";

/** Which key of which wallet, as btcli names them. */
export type WalletLocation = {
  /** Folder of wallets. Default `~/.bittensor/wallets`. */
  readonly walletsPath?: string;
  /** Default `default`. */
  readonly wallet?: string;
  /** Default `default`. */
  readonly hotkey?: string;
};

/** The files of a wallet, in btcli's layout. */
export type WalletPaths = {
  readonly coldkey: string;
  readonly coldkeyPublic: string;
  readonly hotkeys: string;
  readonly hotkey: string;
  readonly hotkeyPublic: string;
};

/**
 * Where the files of a wallet are.
 *
 * @throws {@link VisionError} `WALLET_INVALID` for a name that would leave the folder.
 */
export function walletPaths(location: WalletLocation = {}): WalletPaths {
  const folder = join(defaultWalletsPath(location.walletsPath), safeName(location.wallet ?? "default"));
  const hotkeys = join(folder, "hotkeys");
  const hotkey = safeName(location.hotkey ?? "default");
  return {
    coldkey: join(folder, "coldkey"),
    coldkeyPublic: join(folder, "coldkeypub.txt"),
    hotkeys,
    hotkey: join(hotkeys, hotkey),
    hotkeyPublic: join(hotkeys, `${hotkey}pub.txt`),
  };
}

/** The folder of wallets; a leading `~` is the home folder. */
export function defaultWalletsPath(walletsPath = "~/.bittensor/wallets"): string {
  return walletsPath === "~" || walletsPath.startsWith("~/") ? join(homedir(), walletsPath.slice(1)) : walletsPath;
}

function safeName(name: string): string {
  if (/^[^/\\\0]+$/.test(name) && name !== "." && name !== "..") return name;
  throw walletError("WALLET_INVALID", "A wallet or hotkey name is empty or holds a path separator.");
}
