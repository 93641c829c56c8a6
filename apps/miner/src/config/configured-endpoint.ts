import type { NeuronEndpoint } from "@vision/sdk/chain";
import type { MinerConfig } from "./miner-config.js";

/** Where the settings say that others reach the miner; null where they do not: nothing is published, or the port is the one that it gets. */
export function configuredEndpoint({ chain: { announce }, listen }: Pick<MinerConfig, "chain" | "listen">): NeuronEndpoint | null {
  if (announce === undefined) return null;
  const port = announce.port ?? listen.port;
  return port === 0 ? null : { host: announce.host, port };
}
