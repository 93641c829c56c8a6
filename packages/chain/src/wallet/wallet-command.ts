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
export type WalletCommandResult = {
  readonly exitCode: 0 | 1 | 2;
  readonly text: string;
  /** Former names of flags that were used, each with the new one. */
  readonly warnings: readonly string[];
};

/** What a wallet command works with. */
export type WalletCommandSurroundings = {
  /** Where passwords are looked up, under btcli's variable names. */
  readonly env: Environment;
  /** Asks whoever sits at the terminal for a password; left out or null where nobody does. */
  readonly askSecret?: ((question: string) => Promise<string>) | null;
};

const usage = `wallet list                               wallets and addresses
wallet new --wallet-name NAME --wallet-hotkey NAME
                                          a hotkey, and a coldkey if the wallet has none
wallet show --wallet-name NAME [--wallet-hotkey NAME]
                                          addresses of a wallet
wallet password-variable --wallet-name NAME [--wallet-hotkey NAME]
                                          the environment variable that holds the password of the hotkey, else of the coldkey

  --wallet-path PATH    folder of wallets (default ~/.bittensor/wallets)
  --password-file FILE  read the password from a file; without it from btcli's variable or the terminal
  --no-password         write the new coldkey unencrypted (development only)
  --show-secret         show the secret too: the hotkey's with --wallet-hotkey, else the coldkey's`;

/**
 * Runs `wallet list | new | show | password-variable`. Prints nothing: the text is returned. No secret is in it unless it is asked for.
 *
 * @param argv - What follows `wallet` on the command line.
 * @returns `exitCode` 2 for a wrong command line, 1 for a wallet that cannot be read or written.
 */
export async function runWalletCommand(argv: readonly string[], surroundings: WalletCommandSurroundings): Promise<WalletCommandResult> {
  if (argv.includes("--help") || argv.includes("-h")) return { exitCode: 0, text: usage, warnings: [] };
  const parsed = safeParse(argv);
  if (parsed === null) return { exitCode: 2, text: usage, warnings: [] };
  const { warnings, ...command } = parsed;
  try {
    const text = await runParsed(command, surroundings);
    return { exitCode: text === null ? 2 : 0, text: text ?? usage, warnings };
  } catch (error) {
    if (VisionError.isInstance(error)) return { exitCode: 1, text: error.message, warnings };
    throw error;
  }
}

/** The text of a command; null for one that there is not. */
async function runParsed({ command, location, flags }: Parsed, surroundings: WalletCommandSurroundings): Promise<string | null> {
  const options = { ...flags, ...surroundings };
  switch (command) {
    case "list":
      return describeWallets(await listWallets(location.walletsPath));
    case "new":
      return createWallet(location, options);
    case "show":
      return showWallet(location, options);
    case "password-variable":
      return describePasswordVariable(location, options);
    default:
      return null;
  }
}

type Flags = { readonly noPassword: boolean; readonly showSecret: boolean; readonly passwordFile: string | null };
type Options = Flags & WalletCommandSurroundings;

type Parsed = { readonly command: string | undefined; readonly location: WalletLocation; readonly flags: Flags };

/** Flags by the name that each had before; the next release takes no other. */
const formerFlags = { wallet: "wallet-name", hotkey: "wallet-hotkey", "wallets-path": "wallet-path" } as const;

function safeParse(argv: readonly string[]): (Parsed & { readonly warnings: readonly string[] }) | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        "wallet-name": { type: "string" },
        "wallet-hotkey": { type: "string" },
        "wallet-path": { type: "string" },
        wallet: { type: "string" },
        hotkey: { type: "string" },
        "wallets-path": { type: "string" },
        "password-file": { type: "string" },
        "no-password": { type: "boolean", default: false },
        "show-secret": { type: "boolean", default: false },
      },
    });
    const { "wallet-name": wallet = values.wallet, "wallet-hotkey": hotkey = values.hotkey } = values;
    const walletsPath = values["wallet-path"] ?? values["wallets-path"];
    return {
      command: positionals.length === 1 ? positionals[0] : undefined,
      warnings: Object.entries(formerFlags)
        .filter(([former]) => Object.hasOwn(values, former))
        .map(([former, name]) => `--${former} is called --${name} now; the next release takes no other name.`),
      location: {
        ...(wallet === undefined ? {} : { wallet }),
        ...(hotkey === undefined ? {} : { hotkey }),
        ...(walletsPath === undefined ? {} : { walletsPath }),
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
