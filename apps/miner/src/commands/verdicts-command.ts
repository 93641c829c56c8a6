import { loadHotkey } from "@vision/program";
import { withChain } from "../chain/with-chain.js";
import { isForDevelopment } from "../config/address-checks.js";
import { collectVerdicts } from "../verdicts/collect-verdicts.js";
import { describeVerdicts } from "../verdicts/describe-verdicts.js";
import type { ChainCommandContext } from "./chain-command-context.js";

/** What `vision-miner verdicts` is asked for. */
export type VerdictsCommandOptions = {
  /** ss58 address, or `all`. */
  readonly validator: string;
  readonly url: string | null;
  /** How far back, milliseconds. */
  readonly sinceMs: number;
  readonly isJson: boolean;
};

/**
 * `vision-miner verdicts`: what validators found in this miner's answers, by their own signatures.
 *
 * @returns The exit code: 0 when a validator told, 1 when none did.
 * @throws ChainError when the chain does not answer; VisionError `WALLET_*` for a key that cannot be read.
 */
export async function verdictsCommand(options: VerdictsCommandOptions, context: ChainCommandContext): Promise<0 | 1> {
  const { config, terminal } = context;
  const hotkey = await loadHotkey(config, context);
  const { askVerdicts } = await import("@vision/sdk/client");
  const { neurons } = await withChain(config, terminal, (chain) => chain.getMetagraph(config.netuid));
  const { validator, url, isJson } = options;
  const sinceMs = Math.max(0, Date.now() - options.sinceMs);
  const arePrivateAllowed = isForDevelopment(config);
  const found = await collectVerdicts({ validator, url, arePrivateAllowed, neurons, hotkey, sinceMs }, askVerdicts);
  terminal.print(isJson ? JSON.stringify(found, null, 2) : describeVerdicts(found).trimEnd());
  return found.some(({ problem }) => problem === null) ? 0 : 1;
}
