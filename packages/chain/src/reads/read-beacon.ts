import { z } from "zod";
import { integerSchema } from "../runtime/chain-json.js";
import { type DrandBeacon, quicknet } from "../timelock/drand.js";
import { type Reader, type ReadOptions, readStorage } from "./reader.js";

/** Bittensor's mainnet. */
const FINNEY_GENESIS_HASH = "0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03";

const configSchema = z.object({
  publicKey: z.string().regex(/^0x[0-9a-f]{192}$/i),
  period: integerSchema,
  genesisTime: integerSchema,
});

/**
 * The beacon that the chain opens timelocked commits with. Mainnet's is fixed here, so that no node can hand out a key of its own; other
 * chains are asked, because a development chain has its own beacon.
 */
export async function readBeacon(reader: Reader, options: ReadOptions = {}): Promise<DrandBeacon> {
  const runtime = await reader.runtime(options.signal);
  if (runtime.genesisHash === FINNEY_GENESIS_HASH) return quicknet;
  const [config] = await readStorage(reader, [{ pallet: "Drand", item: "BeaconConfig" }], options);
  const parsed = configSchema.safeParse(config);
  if (!parsed.success || parsed.data.period <= 0) return quicknet;
  return {
    publicKeyHex: parsed.data.publicKey.slice(2),
    periodSeconds: parsed.data.period,
    genesisSeconds: parsed.data.genesisTime,
  };
}
