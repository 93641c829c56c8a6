import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { VisionError } from "@vision/protocol";
import { createColdkeyFile, createHotkeyFile } from "./create-wallet.js";
import { inspectKeyfile, type KeyfileState } from "./inspect-keyfile.js";
import { readKeyfile } from "./keyfile.js";
import type { Keypair } from "./keypair.js";
import { listWallets, type WalletSummary } from "./list-wallets.js";
import { type Environment, encodePasswordVariable, passwordVariableName, readPasswordVariable } from "./password-variable.js";
import { walletError } from "./wallet-error.js";
import { type WalletLocation, walletPaths } from "./wallet-paths.js";

/** What a wallet command leaves to be printed. */
export type WalletCommandResult = { readonly exitCode: 0 | 1 | 2; readonly text: string };

/** What a wallet command works with. */
export type WalletCommandSurroundings = {
  /** Where passwords are looked up, under btcli's variable names. */
  readonly env: Environment;
  /** Asks whoever sits at the terminal for a password; left out or null where nobody does. */
  readonly askSecret?: ((question: string) => Promise<string>) | null;
};

const usage = `wallet list                               wallets and addresses
wallet new --wallet NAME --hotkey NAME    a hotkey, and a coldkey if the wallet has none
wallet show --wallet NAME [--hotkey NAME] addresses of a wallet
wallet password-variable --wallet NAME [--hotkey NAME]
                                          the environment variable that holds the password of the hotkey, else of the coldkey

  --wallets-path PATH   folder of wallets (default ~/.bittensor/wallets)
  --password-file FILE  read the password from a file; without it from btcli's variable or the terminal
  --no-password         write the new coldkey unencrypted (development only)
  --show-secret         show the secret too: the hotkey's with --hotkey, else the coldkey's`;

/**
 * Runs `wallet list | new | show | password-variable`. Prints nothing: the text is returned. No secret is in it unless it is asked for.
 *
 * @param argv - What follows `wallet` on the command line.
 * @returns `exitCode` 2 for a wrong command line, 1 for a wallet that cannot be read or written.
 */
export async function runWalletCommand(argv: readonly string[], surroundings: WalletCommandSurroundings): Promise<WalletCommandResult> {
  if (argv.includes("--help") || argv.includes("-h")) return { exitCode: 0, text: usage };
  const parsed = safeParse(argv);
  if (parsed === null) return { exitCode: 2, text: usage };
  const { command, location, flags } = parsed;
  const options = { ...flags, ...surroundings };
  try {
    if (command === "list") return { exitCode: 0, text: describeWallets(await listWallets(location.walletsPath)) };
    if (command === "new") return { exitCode: 0, text: await createWallet(location, options) };
    if (command === "show") return { exitCode: 0, text: await showWallet(location, options) };
    if (command === "password-variable") return { exitCode: 0, text: await describePasswordVariable(location, options) };
    return { exitCode: 2, text: usage };
  } catch (error) {
    if (VisionError.isInstance(error)) return { exitCode: 1, text: error.message };
    throw error;
  }
}

type Flags = { readonly noPassword: boolean; readonly showSecret: boolean; readonly passwordFile: string | null };
type Options = Flags & WalletCommandSurroundings;

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
        "password-file": { type: "string" },
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
      flags: {
        noPassword: values["no-password"],
        showSecret: values["show-secret"],
        passwordFile: values["password-file"] ?? null,
      },
    };
  } catch {
    return null;
  }
}

/** The password of a key file: out of `--password-file`, btcli's variable or the terminal, there twice for a new one. */
async function givenPassword(path: string, purpose: "new" | "present", options: Options): Promise<string> {
  if (options.passwordFile !== null) return readPasswordFile(options.passwordFile);
  const fromVariable = readPasswordVariable(path, options.env);
  if (fromVariable !== null) return fromVariable;
  if (options.askSecret === undefined || options.askSecret === null) {
    throw walletError("WALLET_PASSWORD", `${path} needs a password.`, {
      hint: `Pass --password-file, or set ${passwordVariableName(path)} to what \`wallet password-variable\` prints.`,
      path,
    });
  }
  const password = await options.askSecret(`Password ${purpose === "new" ? "for the new coldkey" : "of"} ${path}: `);
  if (password === "") throw walletError("WALLET_PASSWORD", "An empty password protects nothing. Nothing was written.", { path });
  if (purpose === "new" && (await options.askSecret("Again: ")) !== password) {
    throw walletError("WALLET_PASSWORD", "The two passwords differ. Nothing was written.", { path });
  }
  return password;
}

async function readPasswordFile(file: string): Promise<string> {
  const bytes = await readFile(file).catch(() => {
    throw walletError("WALLET_PASSWORD", `The password file ${file} cannot be read.`, { path: file });
  });
  // Editors end a file with a newline that is no part of the password.
  const password = isUtf8(bytes) ? bytes.toString("utf8").replace(/\r?\n$/, "") : "";
  if (password !== "" && !/\p{Cc}/u.test(password)) return password;
  throw walletError("WALLET_PASSWORD", `The password file ${file} must hold one line of text.`, { path: file });
}

async function createWallet(location: WalletLocation, options: Options): Promise<string> {
  const paths = walletPaths(location);
  const lines: string[] = [];
  if (!(await hasColdkey(paths.coldkey, paths.coldkeyPublic))) {
    const password = options.noPassword ? null : await givenPassword(paths.coldkey, "new", options);
    const coldkey = await createColdkeyFile(location, { password });
    lines.push(`coldkey  ${coldkey.address}  ${paths.coldkey}`, ...(options.showSecret ? secretLines(coldkey) : []));
  }
  const hotkey = await createHotkeyFile(location);
  lines.push(`hotkey   ${hotkey.address}  ${paths.hotkey}`, ...(options.showSecret ? secretLines(hotkey) : []));
  lines.push("Back the files up: nobody can restore them.");
  return lines.join("\n");
}

/** Whether the wallet has a coldkey already. @throws {@link VisionError} `WALLET_INVALID` for a file in its place that is no key. */
async function hasColdkey(coldkey: string, coldkeyPublic: string): Promise<boolean> {
  const states = await Promise.all([coldkey, coldkeyPublic].map(async (path) => ({ path, ...(await inspectKeyfile(path)) })));
  for (const { path, state } of states) {
    if (state !== "empty" && state !== "invalid" && state !== "unreadable") continue;
    throw walletError("WALLET_INVALID", `The key file ${path} ${broken[state]}, so the wallet has no usable coldkey.`, {
      hint: "Restore it from a backup, or move it away. Nothing was written.",
      path,
    });
  }
  return states.some(({ state }) => state !== "missing");
}

const broken = { empty: "is empty", invalid: "holds no key", unreadable: "cannot be read" } as const;

async function describePasswordVariable(location: WalletLocation, options: Options): Promise<string> {
  const paths = walletPaths(location);
  const path = location.hotkey === undefined ? paths.coldkey : paths.hotkey;
  const password = await givenPassword(path, "present", options);
  return `${passwordVariableName(path)}=${encodePasswordVariable(path, password)}`;
}

async function showWallet(location: WalletLocation, options: Options): Promise<string> {
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
  const path = location.hotkey === undefined ? paths.coldkey : paths.hotkey;
  const { state } = await inspectKeyfile(path);
  const isEncrypted = state === "nacl" || state === "ansible" || state === "fernet";
  const keypair = await readKeyfile(path, isEncrypted ? { password: await givenPassword(path, "present", options) } : {});
  return [text, ...secretLines(keypair)].join("\n");
}

/** A table of wallets: public addresses and what the files are. */
export function describeWallets(wallets: readonly WalletSummary[]): string {
  if (wallets.length === 0) return "No wallets.";
  return wallets
    .flatMap((wallet) => [
      `${wallet.wallet}  coldkey ${wallet.coldkeyAddress ?? "(unknown)"}  ${stateNames[wallet.coldkeyState]}`,
      ...wallet.hotkeys.map((entry) => `  ${entry.hotkey}  ${entry.address ?? "(unknown)"}  ${stateNames[entry.state]}`),
    ])
    .join("\n");
}

const stateNames: Readonly<Record<KeyfileState, string>> = {
  none: "not encrypted",
  nacl: "encrypted (NaCl)",
  ansible: "encrypted (ansible)",
  fernet: "encrypted (Fernet)",
  missing: "missing",
  empty: "EMPTY: no key",
  unreadable: "UNREADABLE",
  ed25519: "ed25519: cannot sign here",
  invalid: "BROKEN: no key",
};

function secretLines(keypair: Keypair): string[] {
  const secret = keypair.revealSecret?.();
  if (secret === undefined) return ["  (the file holds no secret)"];
  return [secret.mnemonic === null ? `  private key  ${secret.seedHex ?? secret.privateKeyHex}` : `  mnemonic  ${secret.mnemonic}`];
}
