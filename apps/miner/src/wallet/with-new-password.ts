import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { encodePasswordVariable, passwordVariableName, type WalletLocation, walletPaths } from "@vision/sdk/chain";
import type { Terminal } from "../terminal/terminal.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment for `wallet new`, with the new coldkey's password in btcli's variable: asked for, twice, where a coldkey is to be
 * made, the variable is not set and somebody sits at the terminal. For everything else the environment as it is.
 *
 * @param rest - What follows `wallet` on the command line.
 * @throws Error when the two passwords differ or are empty; VisionError `WALLET_INVALID` for a name that is none.
 */
export async function withNewPassword(rest: readonly string[], environment: Environment, terminal: Terminal): Promise<Environment> {
  const location = newWallet(rest);
  if (location === null || !terminal.isInteractive) return environment;
  const { coldkey, coldkeyPublic } = walletPaths(location);
  const name = passwordVariableName(coldkey);
  if (existsSync(coldkey) || existsSync(coldkeyPublic) || (environment[name] ?? "") !== "") return environment;
  const password = await terminal.askSecret(`Password for the new coldkey ${coldkey}: `);
  if (password === "") throw new Error("An empty password protects nothing. Nothing was written.");
  if ((await terminal.askSecret("Again: ")) !== password) throw new Error("The two passwords differ. Nothing was written.");
  return { ...environment, [name]: encodePasswordVariable(coldkey, password) };
}

/** The wallet that `wallet new` is to make with a password; null for every other command line. */
function newWallet(rest: readonly string[]): WalletLocation | null {
  const { values, positionals } = parseArgs({
    args: [...rest],
    allowPositionals: true,
    strict: false,
    options: {
      wallet: { type: "string" },
      "wallets-path": { type: "string" },
      hotkey: { type: "string" },
      "no-password": { type: "boolean" },
    },
  });
  if (positionals.length !== 1 || positionals[0] !== "new" || values["no-password"] === true) return null;
  const { wallet, "wallets-path": walletsPath } = values;
  return {
    ...(typeof wallet === "string" ? { wallet } : {}),
    ...(typeof walletsPath === "string" ? { walletsPath } : {}),
  };
}
