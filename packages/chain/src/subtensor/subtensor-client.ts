import type { BatchSetWeightsRequest, BatchSetWeightsResult } from "../calls/batch-weights.js";
import type { HashCommitRequest, HashCommitted } from "../calls/hash-commit.js";
import type { RegisterRequest } from "../calls/register.js";
import type { SetMechanismWeightsRequest } from "../calls/set-weights.js";
import type { CallOptions, ChainClient, ChainSigner, Inclusion, Rao, SetWeightsResult } from "../port.js";
import type { BlockTime } from "../reads/read-block-time.js";
import type { DrandBeacon } from "../timelock/drand.js";

/** The runtime and chain that a client talks to. */
export type ChainInfo = {
  readonly specName: string;
  readonly specVersion: number;
  readonly genesisHash: string;
};

/** {@link ChainClient} with everything else that tools and localnets need. */
export type SubtensorClient = Omit<ChainClient, "setWeights"> & {
  setWeights(request: SetMechanismWeightsRequest, options?: CallOptions): Promise<SetWeightsResult>;
  /** What is connected to at this moment. */
  getChainInfo(options?: CallOptions): Promise<ChainInfo>;
  /** The chain's clock and pace. */
  getBlockTime(options?: CallOptions): Promise<BlockTime>;
  /** TAO that an account can spend. */
  getBalance(address: string, options?: CallOptions): Promise<Rao>;
  /** Alpha that a coldkey holds on a hotkey of a subnet. */
  getStake(key: { readonly netuid: number; readonly hotkey: string; readonly coldkey: string }, options?: CallOptions): Promise<Rao>;
  /** uid of a hotkey; null when it is not registered on the subnet. */
  getUid(netuid: number, hotkey: string, options?: CallOptions): Promise<number | null>;
  /** Price of registering a hotkey now. */
  getRegistrationCost(netuid: number, options?: CallOptions): Promise<Rao>;
  /** What registering a new subnet locks now; null when the runtime does not say. */
  getNetworkRegistrationCost(options?: CallOptions): Promise<Rao | null>;
  /** The beacon that opens timelocked commits on this chain. */
  getBeacon(options?: CallOptions): Promise<DrandBeacon>;
  register(request: RegisterRequest, options?: CallOptions): Promise<Inclusion & { readonly uid: number }>;
  registerNetwork(
    request: { readonly hotkey: string; readonly signer: ChainSigner },
    options?: CallOptions,
  ): Promise<Inclusion & { readonly netuid: number }>;
  startSubnet(request: { readonly netuid: number; readonly signer: ChainSigner }, options?: CallOptions): Promise<Inclusion>;
  addStake(
    request: { readonly netuid: number; readonly hotkey: string; readonly amountRao: Rao; readonly signer: ChainSigner },
    options?: CallOptions,
  ): Promise<Inclusion>;
  /** Commits weights by hash; keep the salt for {@link revealWeights}. */
  commitWeightsHash(request: HashCommitRequest, options?: CallOptions): Promise<HashCommitted>;
  revealWeights(request: HashCommitRequest & { readonly salt: readonly number[] }, options?: CallOptions): Promise<Inclusion>;
  batchSetWeights(request: BatchSetWeightsRequest, options?: CallOptions): Promise<BatchSetWeightsResult>;
};
