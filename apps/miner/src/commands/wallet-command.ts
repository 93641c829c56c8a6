import { runWalletCommand } from "@vision/sdk/chain";
import type { Terminal } from "../terminal/terminal.js";

/**
 * `vision-miner wallet list | new | show`. No secret is printed unless `--show-secret` is given.
 *
 * @param rest - What follows `wallet` on the command line.
 * @returns The exit code: 2 for a wrong command line, 1 for a wallet that cannot be read or written.
 */
export async function walletCommand(
  rest: readonly string[],
  { terminal, environment }: { readonly terminal: Terminal; readonly environment: Readonly<Record<string, string | undefined>> },
): Promise<0 | 1 | 2> {
  const isHelp = rest.includes("--help") || rest.includes("-h");
  // Without arguments the command explains itself.
  const { exitCode, text } = await runWalletCommand(isHelp ? [] : rest, environment);
  if (isHelp) {
    terminal.print(text);
    return 0;
  }
  if (exitCode === 0) terminal.print(text);
  else terminal.note(text);
  return exitCode;
}
