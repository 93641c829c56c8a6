/** RAO, 1e-9 TAO. */
export type Rao = bigint;

/** A block as seen by a subscriber. */
export type BlockRef = { readonly number: number; readonly hash: string };

/** Where a neuron serves. `host` is an IPv4 or IPv6 address; `null` when it publishes none. */
export type NeuronEndpoint = { readonly host: string; readonly port: number };

/** What a neuron serves at the place that it publishes: `gateway` is a validator's API for users, which nobody asks as a miner. */
export type PublishedService = "miner" | "gateway";

/** One neuron of a subnet at one block. Fractions are 0 to 1. */
export type Neuron = {
  readonly uid: number;
  readonly hotkey: string;
  readonly coldkey: string;
  /** Where it serves as a miner; null where it publishes none. */
  readonly endpoint: NeuronEndpoint | null;
  /** Where a validator's API for users is; null where it publishes none. A neuron publishes one place: the other of the two is null. */
  readonly gatewayEndpoint: NeuronEndpoint | null;
  readonly isActive: boolean;
  readonly hasValidatorPermit: boolean;
  /** The stake that consensus counts: own and inherited alpha plus weighted TAO. */
  readonly stakeRao: Rao;
  readonly lastUpdateBlock: number;
  readonly registeredAtBlock: number;
  /** Alpha paid to the neuron at the last epoch. */
  readonly emissionRao: Rao;
  readonly incentiveFraction: number;
  /** The weight that validators agree on for the neuron, stake-weighted, 0 to 1. */
  readonly consensusFraction: number;
  readonly dividendsFraction: number;
};

/** A subnet at one block; `neurons` are in order of uid. */
export type Metagraph = {
  readonly netuid: number;
  readonly blockNumber: number;
  readonly tempoBlocks: number;
  readonly ownerHotkey: string | null;
  readonly neurons: readonly Neuron[];
};

/** The hyperparameters of a subnet that a validator or miner acts on. */
export type Hyperparameters = {
  readonly tempoBlocks: number;
  readonly weightsVersionKey: bigint;
  readonly weightsRateLimitBlocks: number;
  readonly minAllowedWeights: number;
  readonly isCommitRevealEnabled: boolean;
  readonly revealPeriodEpochs: number;
  readonly servingRateLimitBlocks: number;
  readonly immunityPeriodBlocks: number;
  /** Stake below which weights are refused, in the unit of {@link Neuron.stakeRao}. */
  readonly stakeThresholdRao: Rao;
  readonly maxUids: number;
};

/** A weight as the chain holds it: at most 65535, the largest weight of a vector is 65535. */
export type WeightU16 = { readonly uid: number; readonly weightU16: number };

/** A weight and whom it is meant for. */
export type HotkeyWeight = WeightU16 & { readonly hotkey: string };

/** Signs for an account. Hardware and remote signers fit: no key is asked for, only signatures. */
export type ChainSigner = {
  /** ss58 address, prefix 42. */
  readonly address: string;
  readonly publicKey: Uint8Array;
  /** sr25519 signature, 64 bytes, over the bytes. */
  sign(message: Uint8Array): Promise<Uint8Array> | Uint8Array;
};

/** Options of every call that can wait. */
export type CallOptions = { readonly signal?: AbortSignal };

/** What a submitted extrinsic led to. */
export type Inclusion = { readonly blockNumber: number; readonly blockHash: string; readonly extrinsicHash: string };

/** Which weights went to the chain, and which did not because their uid belongs to another hotkey by now. */
export type HandedWeights = { readonly weights: readonly WeightU16[]; readonly dropped: readonly HotkeyWeight[] };

/** How weights were handed over: plainly, or committed and revealed later by the chain. */
export type SetWeightsResult =
  | ({ readonly kind: "set" } & Inclusion & HandedWeights)
  | ({ readonly kind: "committed"; readonly revealRound: number; readonly revealBlock: number } & Inclusion & HandedWeights);

/** Weights to be handed over for one subnet by one validator. */
export type SetWeightsRequest = {
  readonly netuid: number;
  /** Sorted by uid, no duplicates, no zeros. A uid that no longer belongs to its hotkey when the call is signed is left out. */
  readonly weights: readonly HotkeyWeight[];
  readonly versionKey: bigint;
  readonly signer: ChainSigner;
};

/** Where a miner, or a validator's API, can be reached, to be published on one subnet. */
export type PublishEndpointRequest = {
  readonly netuid: number;
  /** IPv4 or IPv6 address. 127.0.0.1 is refused by the chain's rules: for development 127.0.0.2 or 0.0.0.1 stand for this machine. */
  readonly host: string;
  readonly port: number;
  /** What is reached there; left out, a miner. */
  readonly serves?: PublishedService;
  readonly signer: ChainSigner;
};

/** How the connection is, at this moment. */
export type ChainStatus = {
  /** The endpoint that is connected, without credentials; null when there is none. */
  readonly endpoint: string | null;
  /** The newest block that was heard of; null before the first. */
  readonly newestBlock: BlockRef | null;
  /** Milliseconds since that block was heard of, by this machine's clock: it goes on while no block comes. */
  readonly headAgeMs: number | null;
};

/**
 * The chain as the programs need it. All methods reject with a `ChainError` when the chain refuses or cannot be reached.
 */
export type ChainClient = {
  /** The newest block. */
  getBlock(options?: CallOptions): Promise<BlockRef>;
  /** Hash of a block by number; null when there is none. */
  getBlockHash(blockNumber: number, options?: CallOptions): Promise<string | null>;
  /**
   * The newest block that was made at that time or before, by the chain's own clock, Unix milliseconds; null when the nodes do not know of
   * one any more. Once such a block has reached every node it is the same for all who ask.
   */
  getBlockAt(unixMs: number, options?: CallOptions): Promise<BlockRef | null>;
  /** Calls the listener for every new best block, in order, also after reconnecting. Returns a function that stops it. */
  watchBlocks(listener: (block: BlockRef) => void): () => void;
  /** Calls the listener when the chain was started anew and has forgotten everything. Returns a function that stops it. */
  watchResets(listener: () => void): () => void;
  /** How the connection is, without asking anybody. */
  status(): ChainStatus;
  /** The metagraph at the newest block, or at the block given. */
  getMetagraph(netuid: number, options?: CallOptions & { readonly atBlockHash?: string }): Promise<Metagraph>;
  getHyperparameters(netuid: number, options?: CallOptions): Promise<Hyperparameters>;
  /** First block of the next epoch. */
  getNextEpochBlock(netuid: number, options?: CallOptions): Promise<number>;
  /** The weights that the chain holds for a uid; empty when it set none. */
  getWeights(netuid: number, uid: number, options?: CallOptions): Promise<readonly WeightU16[]>;
  /** How far each neuron's weights agree with consensus, 0 to 1, in order of uid; null where the chain does not keep it. */
  getValidatorTrust(netuid: number, options?: CallOptions & { readonly atBlockHash?: string }): Promise<readonly number[] | null>;
  /** The last commitment of every hotkey of the subnet that made one, by hotkey, at one block. */
  getCommitments(netuid: number, options?: CallOptions & { readonly atBlockHash?: string }): Promise<ReadonlyMap<string, Uint8Array>>;
  publishEndpoint(request: PublishEndpointRequest, options?: CallOptions): Promise<Inclusion>;
  setWeights(request: SetWeightsRequest, options?: CallOptions): Promise<SetWeightsResult>;
  setCommitment(
    request: { readonly netuid: number; readonly bytes: Uint8Array; readonly signer: ChainSigner },
    options?: CallOptions,
  ): Promise<Inclusion>;
  close(): Promise<void>;
};
