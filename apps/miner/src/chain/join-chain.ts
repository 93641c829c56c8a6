import { chainPlace } from "@vision/program";
import type { Hotkey, Logger, ValidatorDirectory } from "@vision/sdk";
import type { Announcer, Metagraph, MetagraphReader } from "@vision/sdk/chain";
import type { MinerChainConfig } from "../config/miner-config.js";

/** A miner's ties to the chain. */
export type ChainTies = {
  /** The subnet's validators by stake and permit, kept up to date. */
  readonly validators: ValidatorDirectory;
  /**
   * Publishes the endpoint, if one is configured; tries again in the background until it is done, and looks after it from then on.
   *
   * @param listensAtPort - What is published where the settings name no port.
   */
  announce(listensAtPort: number): void;
  close(): Promise<void>;
};

/**
 * Connects to the configured chain. The chain's libraries are loaded only here: a miner without a chain never pays for them.
 *
 * @throws ChainError `CHAIN_UNREACHABLE` when no endpoint answers; VisionError `CONFIG_INVALID` for a URL that is none.
 */
export async function joinChain(
  config: MinerChainConfig,
  {
    hotkey,
    logger,
    onMetagraph,
  }: { readonly hotkey: Hotkey; readonly logger: Logger; readonly onMetagraph: (metagraph: Metagraph) => void },
): Promise<ChainTies> {
  const { netuid } = config;
  const { minStakeRao, requirePermit, announce } = config.chain;
  const { connect, createAnnouncer, createChainValidatorDirectory } = await import("@vision/sdk/chain");
  const chain = await connect({ ...chainPlace(config), logger });
  const reader: MetagraphReader = {
    watchBlocks: (listener) => chain.watchBlocks(listener),
    watchResets: (listener) => chain.watchResets(listener),
    async getMetagraph(...request) {
      const metagraph = await chain.getMetagraph(...request);
      onMetagraph(metagraph);
      return metagraph;
    },
  };
  const validators = createChainValidatorDirectory({ chain: reader, netuid, minStakeRao, requirePermit, logger });
  let announcer: Announcer | null = null;

  return {
    validators,
    announce(listensAtPort) {
      if (announce === undefined) return;
      const { host, port = listensAtPort } = announce;
      announcer = createAnnouncer(chain, { netuid, host, port, hotkey }, { logger });
      announcer.start();
    },
    async close() {
      announcer?.close();
      validators.close();
      await chain.close();
    },
  };
}
