import { runWalletCommand, type WalletCommandResult } from "@vision/sdk/chain";
import type { Terminal } from "../terminal/terminal.js";
import { withNewPassword } from "../wallet/with-new-password.js";

type Surroundings = { readonly terminal: Terminal; readonly environment: Readonly<Record<string, string | undefined>> };

/**
 * `vision-miner wallet list | new | show`. No secret is printed unless `--show-secret` is given.
 *
 * @param rest - What follows `wallet` on the command line.
 * @returns The exit code: 2 for a wrong command line, 1 for a wallet that cannot be read or written.
 */
export async function walletCommand(rest: readonly string[], { terminal, environment }: Surroundings): Promise<0 | 1 | 2> {
  const isHelp = rest.includes("--help") || rest.includes("-h");
  // Without arguments the command explains itself.
  const { exitCode, text } = await (isHelp ? runWalletCommand([], {}) : runWallet(rest, { terminal, environment }));
  if (isHelp) {
    terminal.print(text);
    return 0;
  }
  if (exitCode === 0) terminal.print(text);
  else terminal.note(text);
  return exitCode;
}

async function runWallet(rest: readonly string[], { terminal, environment }: Surroundings): Promise<WalletCommandResult> {
  try {
    return await runWalletCommand(rest, await withNewPassword(rest, environment, terminal));
  } catch (error) {
    return { exitCode: 1, text: error instanceof Error ? error.message : String(error) };
  }
}
