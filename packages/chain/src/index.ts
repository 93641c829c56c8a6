export { ChainError, type ChainErrorCode, type ChainErrorOptions } from "./errors/chain-error.js";
export { DEFAULT_BLOCK_SECONDS, describeBlocks } from "./errors/describe-blocks.js";
export type {
  BlockRef,
  CallOptions,
  ChainClient,
  ChainSigner,
  Hyperparameters,
  Inclusion,
  Metagraph,
  Neuron,
  NeuronEndpoint,
  PublishEndpointRequest,
  Rao,
  SetWeightsRequest,
  SetWeightsResult,
  WeightU16,
} from "./port.js";
export { isSameWeights } from "./weights/same-weights.js";
export { MAX_WEIGHT_U16, toWeightsU16 } from "./weights/to-weights-u16.js";
export { findWeightMistakes, validateWeights, type WeightRules } from "./weights/validate-weights.js";
export {
  DEFAULT_LEAD_BLOCKS,
  planWeightFallback,
  planWeightTiming,
  type WeightFallbackInput,
  type WeightTiming,
  type WeightTimingInput,
} from "./weights/weight-timing.js";
