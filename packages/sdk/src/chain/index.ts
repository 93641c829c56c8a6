export {
  type ChainValidatorDirectory,
  type ChainValidatorDirectoryOptions,
  createChainValidatorDirectory,
  type MetagraphReader,
} from "./chain-validator-directory.js";
