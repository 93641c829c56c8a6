import { parseArgs } from "node:util";
import { VisionError } from "@vision/protocol";
import { createColdkeyFile, createHotkeyFile } from "./create-wallet.js";
import { readKeyfile, readKeyfileBytes } from "./keyfile.js";
import type { Keypair } from "./keypair.js";
import { listWallets, type WalletSummary } from "./list-wallets.js";
import { type Environment, passwordVariableName, readPasswordVariable } from "./password-variable.js";
import { walletError } from "./wallet-error.js";
import { type WalletLocation, walletPaths } from "./wallet-paths.js";

/** What a wallet command leaves to be printed. */
export type WalletCommandResult = { readonly exitCode: 0 | 1 | 2; readonly text: string };

const usage = `wallet list                               wallets and addresses
wallet new --wallet NAME --hotkey NAME    a hotkey, and a coldkey if the wallet has none
wallet show --wallet NAME [--hotkey NAME] addresses of a wallet

  --wallets-path PATH  folder of wallets (default ~/.bittensor/wallets)
  --no-password        write the new coldkey unencrypted (development only)
  --show-secret        show the secret too: the hotkey's with --hotkey, else the coldkey's`;

/**
 * Runs `wallet list | new | show`. Prints nothing: the text is returned. No secret is in it unless `--show-secret` is given.
 *
 * @param argv - What follows `wallet` on the command line.
 * @param env - Where passwords are looked up, under btcli's variable names.
 * @returns `exitCode` 2 for a wrong command line, 1 for a wallet that cannot be read or written.
 */
export async function runWalletCommand(argv: readonly string[], env: Environment): Promise<WalletCommandResult> {
  const parsed = safeParse(argv);
  if (parsed === null) return { exitCode: 2, text: usage };
  const { command, location, flags } = parsed;
  try {
    if (command === "list") return { exitCode: 0, text: describeWallets(await listWallets(location.walletsPath)) };
    if (command === "new") return { exitCode: 0, text: await createWallet(location, { ...flags, env }) };
    if (command === "show") return { exitCode: 0, text: await showWallet(location, { ...flags, env }) };
    return { exitCode: 2, text: usage };
  } catch (error) {
    if (VisionError.isInstance(error)) return { exitCode: 1, text: error.message };
    throw error;
  }
}

type Flags = { readonly noPassword: boolean; readonly showSecret: boolean };

function safeParse(
  argv: readonly string[],
): { readonly command: string | undefined; readonly location: WalletLocation; readonly flags: Flags } | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        wallet: { type: "string" },
        hotkey: { type: "string" },
        "wallets-path": { type: "string" },
        "no-password": { type: "boolean", default: false },
        "show-secret": { type: "boolean", default: false },
      },
    });
    return {
      command: positionals.length === 1 ? positionals[0] : undefined,
      location: {
        ...(values.wallet === undefined ? {} : { wallet: values.wallet }),
        ...(values.hotkey === undefined ? {} : { hotkey: values.hotkey }),
        ...(values["wallets-path"] === undefined ? {} : { walletsPath: values["wallets-path"] }),
      },
      flags: { noPassword: values["no-password"], showSecret: values["show-secret"] },
    };
  } catch {
    return null;
  }
}

async function createWallet(location: WalletLocation, options: Flags & { readonly env: Environment }): Promise<string> {
  const paths = walletPaths(location);
  const lines: string[] = [];
  const hasColdkey = (await safePublicAddress(paths.coldkeyPublic)) !== null || (await exists(paths.coldkey));
  if (!hasColdkey) {
    const password = options.noPassword ? null : readPasswordVariable(paths.coldkey, options.env);
    if (password === null && !options.noPassword) {
      throw walletError("WALLET_PASSWORD", "A new coldkey needs a password.", {
        hint: `Set ${passwordVariableName(paths.coldkey)} as btcli does, or pass --no-password on a development machine.`,
      });
    }
    const coldkey = await createColdkeyFile(location, { password });
    lines.push(`coldkey  ${coldkey.address}  ${paths.coldkey}`, ...(options.showSecret ? secretLines(coldkey) : []));
  }
  const hotkey = await createHotkeyFile(location);
  lines.push(`hotkey   ${hotkey.address}  ${paths.hotkey}`, ...(options.showSecret ? secretLines(hotkey) : []));
  lines.push("Back the files up: nobody can restore them.");
  return lines.join("\n");
}

async function showWallet(location: WalletLocation, options: Flags & { readonly env: Environment }): Promise<string> {
  const wallet = location.wallet ?? "default";
  const summary = (await listWallets(location.walletsPath)).find((entry) => entry.wallet === wallet);
  if (summary === undefined) throw walletError("WALLET_NOT_FOUND", `There is no wallet ${wallet}.`);
  const hotkeys = location.hotkey === undefined ? summary.hotkeys : summary.hotkeys.filter((entry) => entry.hotkey === location.hotkey);
  if (location.hotkey !== undefined && hotkeys.length === 0) {
    throw walletError("WALLET_NOT_FOUND", `Wallet ${wallet} has no hotkey ${location.hotkey}.`);
  }
  const text = describeWallets([{ ...summary, hotkeys }]);
  if (!options.showSecret) return text;
  const paths = walletPaths(location);
  const keypair = await readKeyfile(location.hotkey === undefined ? paths.coldkey : paths.hotkey, { env: options.env });
  return [text, ...secretLines(keypair)].join("\n");
}

/** A table of wallets: public addresses and how the files are protected. */
export function describeWallets(wallets: readonly WalletSummary[]): string {
  if (wallets.length === 0) return "No wallets.";
  return wallets
    .flatMap((wallet) => [
      `${wallet.wallet}  coldkey ${wallet.coldkeyAddress ?? "(unknown)"}  ${wallet.coldkeyEncryption}`,
      ...wallet.hotkeys.map((entry) => `  ${entry.hotkey}  ${entry.address ?? "(encrypted)"}`),
    ])
    .join("\n");
}

function secretLines(keypair: Keypair): string[] {
  const secret = keypair.revealSecret?.();
  if (secret === undefined) return ["  (the file holds no secret)"];
  return [secret.mnemonic === null ? `  private key  ${secret.seedHex ?? secret.privateKeyHex}` : `  mnemonic  ${secret.mnemonic}`];
}

async function safePublicAddress(path: string): Promise<string | null> {
  return (await exists(path)) ? (await readKeyfile(path)).address : null;
}

async function exists(path: string): Promise<boolean> {
  try {
    await readKeyfileBytes(path);
    return true;
  } catch (error) {
    if (VisionError.isInstance(error, "WALLET_NOT_FOUND")) return false;
    throw error;
  }
}
