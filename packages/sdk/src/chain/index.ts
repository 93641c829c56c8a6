export {
  type BlockRef,
  type ChainClient,
  ChainError,
  type ChainErrorCode,
  type ChainSigner,
  type ConnectOptions,
  connect,
  type LoadKeyOptions,
  loadHotkey,
  type Metagraph,
  type Neuron,
  type NeuronEndpoint,
  type PublishEndpointRequest,
} from "@vision/chain";
export {
  type ChainValidatorDirectory,
  type ChainValidatorDirectoryOptions,
  createChainValidatorDirectory,
  type MetagraphReader,
} from "./chain-validator-directory.js";
