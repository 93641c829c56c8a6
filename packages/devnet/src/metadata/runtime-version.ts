import { blake2AsU8a } from "@polkadot/util-crypto";
import { runtimeApis } from "./apis.js";
import type { RuntimeVersion } from "./pallets/system.js";
import { SPEC_VERSION, TRANSACTION_VERSION } from "./runtime.js";

/** What the node says it runs. The names are the chain's: clients choose their types by them. */
export const version: RuntimeVersion = {
  spec_name: "node-subtensor",
  impl_name: "node-subtensor",
  authoring_version: 1,
  spec_version: SPEC_VERSION,
  impl_version: 1,
  apis: Object.entries(runtimeApis).map(([name, api]) => [blake2AsU8a(name, 64), api.version] as const),
  transaction_version: TRANSACTION_VERSION,
  system_version: 1,
};
