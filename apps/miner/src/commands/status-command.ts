import { describeChainPlace, loadHotkey } from "@vision/program";
import { describeStatus } from "../chain/describe-status.js";
import { probeEndpoint } from "../chain/probe-endpoint.js";
import { findStatusProblems, readStatus } from "../chain/status-report.js";
import { withChain } from "../chain/with-chain.js";
import { configuredEndpoint } from "../config/configured-endpoint.js";
import type { ChainCommandContext } from "./chain-command-context.js";

/**
 * `vision-miner status`: what the chain says about this miner, and whether its published endpoint answers.
 *
 * @param options - `isJson` prints the report as one JSON document, `problems` in it.
 * @returns The exit code: 0 when validators can find and reach the miner as far as can be seen from here, 1 when not.
 * @throws ChainError when the chain does not answer; VisionError `WALLET_*` for a key that cannot be read.
 */
export async function statusCommand(options: { readonly isJson: boolean }, context: ChainCommandContext): Promise<0 | 1> {
  const { config, terminal } = context;
  const { netuid } = config;
  // Opened before connecting: a key that cannot be read is told at once.
  const { address } = await loadHotkey(config, context);
  const subject = { netuid, network: describeChainPlace(config), hotkey: address, configuredEndpoint: configuredEndpoint(config) };
  const report = await withChain(config, terminal, (chain) => readStatus(subject, { chain, probe: (endpoint) => probeEndpoint(endpoint) }));
  const problems = findStatusProblems(report);
  terminal.print(options.isJson ? JSON.stringify({ ...report, problems }, null, 2) : await describeStatus(report, problems));
  return problems.length === 0 ? 0 : 1;
}
