import type { Terminal } from "@vision/program";
import type { ChainSigner, WalletLocation } from "@vision/sdk/chain";

/**
 * The coldkey of a wallet, ready to sign. The password of an encrypted one comes from btcli's variable; where that is not set, whoever sits
 * at the terminal is asked for it.
 *
 * @throws VisionError `WALLET_NOT_FOUND`, `WALLET_INVALID` or `WALLET_PASSWORD`.
 */
export async function openColdkey(
  wallet: WalletLocation,
  options: { readonly terminal: Terminal; readonly environment: Readonly<Record<string, string | undefined>> },
): Promise<ChainSigner> {
  const { terminal, environment } = options;
  const { loadColdkey, passwordVariableName, walletPaths } = await import("@vision/sdk/chain");
  const path = walletPaths(wallet).coldkey;
  const hasPassword = (environment[passwordVariableName(path)] ?? "") !== "";
  try {
    return await loadColdkey({ ...wallet, env: environment });
  } catch (error) {
    if (hasPassword || !terminal.isInteractive || !isPasswordMissing(error)) throw error;
    return loadColdkey({ ...wallet, password: await terminal.askSecret(`Password of ${path}: `) });
  }
}

function isPasswordMissing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "WALLET_PASSWORD";
}
