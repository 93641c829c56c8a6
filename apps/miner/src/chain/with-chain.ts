import { type ChainSettings, chainPlace, type Terminal } from "@vision/program";
import type { SubtensorClient } from "@vision/sdk/chain";

/**
 * Connects to a chain for as long as the work takes; warnings go to the terminal.
 *
 * @throws ChainError `CHAIN_UNREACHABLE`; whatever the work throws.
 */
export async function withChain<Result>(
  settings: ChainSettings,
  terminal: Terminal,
  work: (chain: SubtensorClient) => Promise<Result>,
): Promise<Result> {
  const { connect } = await import("@vision/sdk/chain");
  const quiet = () => undefined;
  const chain = await connect({
    ...chainPlace(settings),
    logger: { debug: quiet, info: quiet, warn: (message) => terminal.note(message) },
  });
  try {
    return await work(chain);
  } finally {
    await chain.close();
  }
}
