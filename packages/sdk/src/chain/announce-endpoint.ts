import type { ChainClient, PublishedService } from "@vision/chain";
import type { Hotkey } from "@vision/signing";
import type { Logger } from "../runtime/logger.js";
import { isSameEndpoint } from "./is-same-endpoint.js";

/** What an announcement is made from. */
export type Announcement = {
  readonly netuid: number;
  readonly host: string;
  readonly port: number;
  /** What is reached there; left out, a miner. */
  readonly serves?: PublishedService;
  readonly hotkey: Hotkey;
};

/** How an attempt ended. `notRegistered` and `failed` are worth another try later. */
export type AnnouncementResult = "unchanged" | "published" | "notRegistered" | "failed";

const notRegistered = {
  miner: "The hotkey is not registered on the subnet; validators cannot find this miner",
  gateway: "The hotkey is not registered on the subnet; miners cannot find this validator's API",
} as const;

/**
 * Publishes where the miner, or a validator's API, is reached, unless the chain says so already: publishing is rate limited. Never rejects; logs what happened.
 */
export async function announceEndpoint(
  chain: Pick<ChainClient, "getMetagraph" | "publishEndpoint">,
  { netuid, host, port, serves = "miner", hotkey }: Announcement,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<AnnouncementResult> {
  try {
    const { neurons } = await chain.getMetagraph(netuid, { signal });
    const neuron = neurons.find((one) => one.hotkey === hotkey.address);
    if (neuron === undefined) {
      logger.warn(notRegistered[serves], { netuid, hotkey: hotkey.address });
      return "notRegistered";
    }
    const published = serves === "gateway" ? neuron.gatewayEndpoint : neuron.endpoint;
    if (published !== null && isSameEndpoint(published, { host, port })) return "unchanged";
    const marked = serves === "gateway" ? { serves } : {};
    const { blockNumber } = await chain.publishEndpoint({ netuid, host, port, ...marked, signer: hotkey }, { signal });
    logger.info("Endpoint published", { netuid, host, port, blockNumber });
    return "published";
  } catch (error) {
    if (!signal.aborted) logger.warn("The endpoint could not be published", { netuid, host, port, error });
    return "failed";
  }
}
