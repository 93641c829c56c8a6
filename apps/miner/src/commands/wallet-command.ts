import type { Terminal } from "@vision/program";
import { runWalletCommand } from "@vision/sdk/chain";

type Surroundings = { readonly terminal: Terminal; readonly environment: Readonly<Record<string, string | undefined>> };

/**
 * `vision-miner wallet list | new | show | password-variable`. No secret is printed unless it is asked for.
 *
 * @param rest - What follows `wallet` on the command line.
 * @returns The exit code: 2 for a wrong command line, 1 for a wallet that cannot be read or written.
 */
export async function walletCommand(rest: readonly string[], { terminal, environment }: Surroundings): Promise<0 | 1 | 2> {
  const askSecret = terminal.isInteractive ? (question: string) => terminal.askSecret(question) : null;
  const { exitCode, text } = await runWalletCommand(rest, { env: environment, askSecret });
  if (exitCode === 0) terminal.print(text);
  else terminal.note(text);
  return exitCode;
}
