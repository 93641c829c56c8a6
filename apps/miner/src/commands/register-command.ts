import { describeChainPlace, walletLocation } from "@vision/program";
import { registerHotkey } from "../chain/register-hotkey.js";
import { withChain } from "../chain/with-chain.js";
import type { ChainCommandContext } from "./chain-command-context.js";

/**
 * `vision-miner register`: a place on the subnet for the wallet's hotkey, paid by its coldkey.
 *
 * @param options - `maxBurnRao` is the most that may be burned; `isConfirmed` asks nobody.
 * @returns The exit code: 0 when the hotkey is registered, 1 when it is not.
 * @throws ChainError when the chain refuses or does not answer; VisionError `WALLET_*` for a key that cannot be opened.
 */
export async function registerCommand(
  options: { readonly maxBurnRao: bigint; readonly isConfirmed: boolean },
  context: ChainCommandContext,
): Promise<0 | 1> {
  const { config, terminal, environment } = context;
  const { netuid } = config;
  const wallet = walletLocation(config);
  if (wallet === null) {
    terminal.note("Registering is paid by the coldkey of a wallet: say which one with --wallet-name.");
    return 1;
  }
  const registration = { netuid, network: describeChainPlace(config), wallet, ...options };
  return withChain(config, terminal, (chain) => registerHotkey(registration, { chain, terminal, environment }));
}
