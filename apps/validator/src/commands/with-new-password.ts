import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { encodePasswordVariable, passwordVariableName, type WalletLocation, walletPaths } from "@vision/chain";
import type { CommandContext } from "./command-context.js";

/**
 * The environment for a wallet command. Where `wallet new` is to make a coldkey and its password is not in btcli's variable, the person at
 * the terminal is asked for it, twice. Null when no usable password was given; the reason has been written.
 *
 * @param rest - What follows `wallet` on the command line.
 */
export async function withNewPassword(
  rest: readonly string[],
  { environment, askSecret, writeError }: CommandContext,
): Promise<CommandContext["environment"] | null> {
  const location = newWallet(rest);
  if (location === null || askSecret === undefined || askSecret === null) return environment;
  const { coldkey, coldkeyPublic } = walletPaths(location);
  const name = passwordVariableName(coldkey);
  if (existsSync(coldkey) || existsSync(coldkeyPublic) || (environment[name] ?? "") !== "") return environment;
  const password = await askSecret(`Password for the new coldkey ${coldkey}: `);
  const refusal =
    password === "" ? "An empty password protects nothing" : (await askSecret("Again: ")) === password ? null : "The two differ";
  if (refusal === null) return { ...environment, [name]: encodePasswordVariable(coldkey, password) };
  writeError(`${refusal}. Nothing was written.\n`);
  return null;
}

/** The wallet that `wallet new` is to make with a password; null for every other command line, wrong ones included. */
function newWallet(rest: readonly string[]): WalletLocation | null {
  const options = { wallet: { type: "string" }, "wallets-path": { type: "string" }, "no-password": { type: "boolean" } } as const;
  const { values, positionals } = parseArgs({
    args: [...rest],
    allowPositionals: true,
    strict: false,
    options: { ...options, hotkey: { type: "string" } },
  });
  if (positionals.length !== 1 || positionals[0] !== "new" || values["no-password"] === true) return null;
  const { wallet, "wallets-path": walletsPath } = values;
  return { ...(typeof wallet === "string" ? { wallet } : {}), ...(typeof walletsPath === "string" ? { walletsPath } : {}) };
}
