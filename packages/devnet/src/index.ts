export { createDevnet, type Devnet } from "./create-devnet.js";
export {
  type AccountName,
  type DevnetOptions,
  developmentAccounts,
  type NeuronOptions,
  parseAccount,
  type SubnetOptions,
} from "./devnet-options.js";
export { subtensorStorage } from "./metadata/pallets/subtensor-storage.js";
export { systemStorage } from "./metadata/pallets/system.js";
export type { Block, Chain } from "./node/chain.js";
export type { BlockProduction, DevNode, NodeEvent } from "./node/dev-node.js";
export { defaultHyperparameters, type SubnetHyperparameters } from "./runtime/genesis.js";
export { type Beacon, createDevelopmentBeacon } from "./runtime/timelock/beacon.js";
export { openTimelock } from "./runtime/timelock/open-timelock.js";
export { maxUpscale } from "./runtime/yuma/max-upscale.js";
export { runYuma, type U16Cell, type YumaNeuron, type YumaOutcome, type YumaParameters } from "./runtime/yuma/yuma.js";
export type { State } from "./storage/state.js";
