import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { inspectKeyfile, type KeyfileState } from "./inspect-keyfile.js";
import { TEMPORARY_PREFIX } from "./keyfile.js";
import { defaultWalletsPath, walletPaths } from "./wallet-paths.js";

/** The public side of one wallet. `address` is null where no file tells it. */
export type WalletSummary = {
  readonly wallet: string;
  readonly coldkeyAddress: string | null;
  readonly coldkeyState: KeyfileState;
  readonly hotkeys: readonly { readonly hotkey: string; readonly address: string | null; readonly state: KeyfileState }[];
};

/** Every wallet in the folder, by name, also those behind symbolic links. Opens no encrypted file; an absent folder is an empty list. */
export async function listWallets(walletsPath?: string): Promise<readonly WalletSummary[]> {
  const folder = defaultWalletsPath(walletsPath);
  const names = (await namesIn(folder)).filter(({ isFolder }) => isFolder).map(({ name }) => name);
  return Promise.all(names.map((wallet) => summarise(folder, wallet)));
}

async function summarise(walletsPath: string, wallet: string): Promise<WalletSummary> {
  const paths = walletPaths({ walletsPath, wallet });
  const names = (await namesIn(paths.hotkeys)).filter(({ name, isFolder }) => !isFolder && !name.endsWith("pub.txt"));
  const hotkeys = await Promise.all(
    names.map(async ({ name }) => ({
      hotkey: name,
      ...(await inspectPair(join(paths.hotkeys, name), join(paths.hotkeys, `${name}pub.txt`))),
    })),
  );
  const coldkey = await inspectPair(paths.coldkey, paths.coldkeyPublic);
  return { wallet, coldkeyAddress: coldkey.address, coldkeyState: coldkey.state, hotkeys };
}

/** A key file, its address from the public twin where it does not tell it itself. */
async function inspectPair(path: string, publicPath: string) {
  const { state, address } = await inspectKeyfile(path);
  return { state, address: address ?? (await inspectKeyfile(publicPath)).address };
}

async function namesIn(folder: string): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names
      .filter((name) => !name.startsWith(TEMPORARY_PREFIX))
      .sort()
      .map(async (name) => ({
        name,
        // Through symbolic links; one that leads nowhere counts as a file, so that it is shown as what it is.
        isFolder: await stat(join(folder, name)).then(
          (entry) => entry.isDirectory(),
          () => false,
        ),
      })),
  );
}
