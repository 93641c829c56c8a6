export type { BatchSetWeightsRequest, BatchSetWeightsResult } from "./calls/batch-weights.js";
export { formatTao } from "./calls/format-tao.js";
export type { HashCommitRequest, HashCommitted } from "./calls/hash-commit.js";
export { checkSetWeights, rateLimitWaitBlocks, type SetWeightsFacts } from "./calls/plan-set-weights.js";
export type { RegisterRequest } from "./calls/register.js";
export type { SetMechanismWeightsRequest } from "./calls/set-weights.js";
export { ChainError, type ChainErrorCode, type ChainErrorOptions } from "./errors/chain-error.js";
export { DEFAULT_BLOCK_SECONDS, describeBlocks } from "./errors/describe-blocks.js";
export { isRateLimitName, isRetryableName, poolRejectionName } from "./errors/rejection-names.js";
export { describeEndpoint, type NetworkName, networks } from "./networks.js";
export type {
  BlockRef,
  CallOptions,
  ChainClient,
  ChainSigner,
  ChainStatus,
  HandedWeights,
  HotkeyWeight,
  Hyperparameters,
  Inclusion,
  Metagraph,
  Neuron,
  NeuronEndpoint,
  PublishEndpointRequest,
  PublishedService,
  Rao,
  SetWeightsRequest,
  SetWeightsResult,
  WeightU16,
} from "./port.js";
export { type AxonAddress, decodeAxonEndpoint, encodeAxonAddress } from "./reads/endpoint-address.js";
export type { BlockTime } from "./reads/read-block-time.js";
export { type ChainLogger, silentLogger } from "./rpc/chain-logger.js";
export { connect } from "./subtensor/connect.js";
export type { ConnectOptions } from "./subtensor/connect-settings.js";
export type { ChainInfo, SubtensorClient } from "./subtensor/subtensor-client.js";
export { type HashCommit, mechanismStorageIndex, weightsCommitHash } from "./timelock/commit-hash.js";
export { type DrandBeacon, quicknet, roundAtSeconds } from "./timelock/drand.js";
export {
  nextModuloEpochBlock,
  nextStatefulEpochBlock,
  revealBlockOfModuloEpochs,
  revealBlockOfStatefulEpochs,
  roundAtBlock,
  type StatefulEpochs,
} from "./timelock/reveal-round.js";
export { type TimelockOptions, timelockDecrypt, timelockEncrypt } from "./timelock/timelock.js";
export { encodeLegacyWeightsPayload, encodeWeightsPayload, MAX_COMMIT_BYTES, type WeightsPayload } from "./timelock/weights-payload.js";
export { type ChainVotes, readVotes } from "./votes/read-votes.js";
export { type Ballot, type Tally, type TallyInput, tallyVotes } from "./votes/tally-votes.js";
export { createVote, shareOut, VOTE_TOTAL_PPM, type Vote } from "./votes/vote.js";
export { type DecodedVote, decodeVote, encodeVote, MAX_VOTE_BYTES } from "./votes/vote-bytes.js";
export { createColdkeyFile, createHotkeyFile, createKeypair } from "./wallet/create-wallet.js";
export { inspectKeyfile, type KeyfileInspection, type KeyfileState } from "./wallet/inspect-keyfile.js";
export {
  type KeyfileEncryption,
  keyfileEncryption,
  type ReadKeyfileOptions,
  readKeyfile,
  type WriteKeyfileOptions,
  writeKeyfile,
} from "./wallet/keyfile.js";
export { type Keypair, type KeySecret, keypairFromMnemonic, keypairFromPrivateKey, keypairFromSeed } from "./wallet/keypair.js";
export { listWallets, type WalletSummary } from "./wallet/list-wallets.js";
export { type LoadKeyOptions, loadColdkey, loadHotkey, readColdkeyAddress } from "./wallet/load-key.js";
export { type Environment, encodePasswordVariable, passwordVariableName, readPasswordVariable } from "./wallet/password-variable.js";
export { describeWallets, runWalletCommand, type WalletCommandResult, type WalletCommandSurroundings } from "./wallet/wallet-command.js";
export { defaultWalletsPath, type WalletLocation, type WalletPaths, walletPaths } from "./wallet/wallet-paths.js";
export { judgeReveal, REVEAL_GRACE_BLOCKS, type RevealSight } from "./weights/judge-reveal.js";
export { keepOwnedWeights } from "./weights/keep-owned-weights.js";
export { nameHotkeys } from "./weights/name-hotkeys.js";
export { isSameWeights, upscaleWeights } from "./weights/same-weights.js";
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
