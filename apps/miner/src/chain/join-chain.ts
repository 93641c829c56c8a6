import type { Hotkey, Logger, ValidatorDirectory } from "@vision/sdk";
import type { MinerConfig } from "../config/miner-config.js";
import { announceEndpoint } from "./announce-endpoint.js";
import { chainPlace } from "./chain-place.js";

/** Pause before another attempt to publish the endpoint, milliseconds: five blocks. */
const RETRY_MS = 60_000;

/** Pause before another look at what the chain says, milliseconds: a hotkey that was registered anew has nothing published. */
const RECHECK_MS = 30 * 60_000;

/** A miner's ties to the chain. */
export type ChainTies = {
  /** The subnet's validators by stake and permit, kept up to date. */
  readonly validators: ValidatorDirectory;
  /** Publishes the endpoint, if one is configured; tries again in the background until it is done, and looks after it from then on. */
  announce(): void;
  close(): Promise<void>;
};

/**
 * Connects to the configured chain. The chain's libraries are loaded only here: a miner without a chain never pays for them.
 *
 * @throws ChainError `CHAIN_UNREACHABLE` when no endpoint answers; VisionError `CONFIG_INVALID` for a URL that is none.
 */
export async function joinChain(
  config: NonNullable<MinerConfig["chain"]>,
  { hotkey, logger }: { readonly hotkey: Hotkey; readonly logger: Logger },
): Promise<ChainTies> {
  const { netuid, minStakeRao, requirePermit, announce } = config;
  const { connect, createChainValidatorDirectory } = await import("@vision/sdk/chain");
  const chain = await connect({ ...chainPlace(config.url), logger });
  const validators = createChainValidatorDirectory({ chain, netuid, minStakeRao, requirePermit, logger });
  const closing = new AbortController();
  let next: NodeJS.Timeout | undefined;

  const attempt = async () => {
    if (announce === undefined) return;
    const result = await announceEndpoint(chain, { netuid, ...announce, hotkey }, { logger, signal: closing.signal });
    const isDone = result === "published" || result === "unchanged";
    if (!closing.signal.aborted) next = setTimeout(() => void attempt(), isDone ? RECHECK_MS : RETRY_MS);
  };

  return {
    validators,
    announce: () => void attempt(),
    async close() {
      closing.abort();
      clearTimeout(next);
      validators.close();
      await chain.close();
    },
  };
}
