import type { ExitCode } from "./exit-codes.js";

/** What {@link walletCommand} works with. */
export type WalletSurroundings = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Results. */
  print(text: string): void;
  /** Everything else. */
  note(text: string): void;
  /** Asks the person at the terminal for a password; null where nobody sits there. */
  readonly askSecret: ((question: string) => Promise<string>) | null;
};

/**
 * `wallet list | new | show | password-variable` of both programs. No secret is printed unless it is asked for.
 *
 * @param rest - What follows `wallet` on the command line.
 * @returns The exit code: 2 for a wrong command line, 1 for a wallet that cannot be read or written.
 */
export async function walletCommand(
  rest: readonly string[],
  { environment, print, note, askSecret }: WalletSurroundings,
): Promise<ExitCode> {
  // The wallet files need libraries that no other command should wait for.
  const { runWalletCommand } = await import("@vision/chain/wallet");
  const { exitCode, text, warnings } = await runWalletCommand(rest, { env: environment, askSecret });
  for (const warning of warnings) note(`Warning: ${warning}`);
  if (exitCode === 0) print(text);
  else note(text);
  return exitCode;
}
