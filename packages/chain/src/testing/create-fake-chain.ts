import { allDropped } from "../calls/all-dropped.js";
import { checkSetWeights } from "../calls/plan-set-weights.js";
import { ChainError } from "../errors/chain-error.js";
import { DEFAULT_BLOCK_SECONDS } from "../errors/describe-blocks.js";
import type { BlockRef, CallOptions, ChainClient, Hyperparameters, Inclusion, Metagraph, Neuron, WeightU16 } from "../port.js";
import { encodeAxonAddress } from "../reads/endpoint-address.js";
import { type CallArguments, checkArguments } from "../subtensor/check-arguments.js";
import { keepOwnedWeights } from "../weights/keep-owned-weights.js";
import { upscaleWeights } from "../weights/same-weights.js";
import { fakeNeuron } from "./fake-neuron.js";

/** How a {@link createFakeChain} starts. */
export type FakeChainOptions = {
  readonly netuid?: number;
  /** Neurons in order of uid; whatever is left out gets a plain value. */
  readonly neurons?: readonly (Partial<Neuron> & Pick<Neuron, "hotkey">)[];
  readonly hyperparameters?: Partial<Hyperparameters>;
  /** First block number. Default 1. */
  readonly blockNumber?: number;
};

/** Weights that a call to the fake handed over. */
export type FakeWeightsRecord = {
  readonly hotkey: string;
  readonly weights: readonly WeightU16[];
  readonly versionKey: bigint;
  readonly blockNumber: number;
};

/** A chain in memory, with the hands that a test needs on it. Its rules are the real chain's in the same order, without consensus. */
export type FakeChain = ChainClient & {
  /** Makes blocks and tells the watchers, one by one. */
  advance(blocks?: number): void;
  /** Replaces fields of one neuron, by uid. */
  updateNeuron(uid: number, fields: Partial<Neuron>): void;
  /** Adds a neuron and returns its uid. */
  addNeuron(neuron: Partial<Neuron> & Pick<Neuron, "hotkey">): number;
  updateHyperparameters(fields: Partial<Hyperparameters>): void;
  /** Makes the next `count` calls of a method reject with the error. */
  failNext(method: keyof ChainClient, error?: Error, count?: number): void;
  /** While true every call rejects with `CHAIN_UNREACHABLE` and watchers hear nothing. */
  setUnreachable(isUnreachable: boolean): void;
  /** Starts the chain anew at block 0, without the weights and commits it had, and tells whoever watches for it. */
  restart(): void;
  /** While true, commits are never revealed. Otherwise their weights appear at the block of the reveal. */
  setRevealsLost(areLost: boolean): void;
  /** How long ago the newest block was heard of, as `status` tells; the next block makes it 0 again. */
  setHeadAge(headAgeMs: number): void;
  /** Everything that setWeights accepted, oldest first. */
  readonly weightsRecords: readonly FakeWeightsRecord[];
};

const defaults: Hyperparameters = {
  tempoBlocks: 20,
  weightsVersionKey: 0n,
  weightsRateLimitBlocks: 5,
  minAllowedWeights: 1,
  isCommitRevealEnabled: false,
  revealPeriodEpochs: 1,
  servingRateLimitBlocks: 0,
  immunityPeriodBlocks: 100,
  stakeThresholdRao: 0n,
  maxUids: 256,
};

/**
 * A {@link ChainClient} in memory for tests, in which any text is a hotkey. It checks what the chain checks (registration, stake, version key, rate limit, permit, the
 * vector) and refuses with the chain's own names; an epoch starts every `tempoBlocks`. Block n is of 12 n seconds after 1970. Nothing happens by itself: call `advance`.
 */
export function createFakeChain(options: FakeChainOptions = {}): FakeChain {
  const netuid = options.netuid ?? 1;
  let blockNumber = options.blockNumber ?? 1;
  let hyperparameters: Hyperparameters = { ...defaults, ...options.hyperparameters };
  let isUnreachable = false;
  let headAgeMs = 0;
  let areRevealsLost = false;
  const commits = new Set<{ readonly uid: number; readonly revealBlock: number; readonly weights: readonly WeightU16[] }>();
  const neurons: Neuron[] = (options.neurons ?? []).map((neuron, uid) => fakeNeuron(neuron, uid));
  const weightsByUid = new Map<number, readonly WeightU16[]>();
  const commitments = new Map<string, Uint8Array>();
  const weightsRecords: FakeWeightsRecord[] = [];
  const watchers = new Set<(block: BlockRef) => void>();
  const resetWatchers = new Set<() => void>();
  const failures = new Map<keyof ChainClient, Error[]>();

  const hashOf = (number: number) => `0x${number.toString(16).padStart(64, "0")}`;
  const block = (): BlockRef => ({ number: blockNumber, hash: hashOf(blockNumber) });
  const include = (): Inclusion => {
    advance(1);
    return { blockNumber, blockHash: hashOf(blockNumber), extrinsicHash: hashOf(blockNumber * 1_000_003) };
  };

  async function enter(
    method: keyof ChainClient,
    call: CallOptions | undefined,
    wanted?: number,
    given: CallArguments = wanted === undefined ? {} : { netuid: wanted },
  ): Promise<void> {
    call?.signal?.throwIfAborted();
    checkArguments(method, given);
    if (isUnreachable) throw new ChainError({ code: "CHAIN_UNREACHABLE", message: "No chain endpoint answers.", isRetryable: true });
    const failure = failures.get(method)?.shift();
    if (failure !== undefined) throw failure;
    if (wanted !== undefined && wanted !== netuid) throw refusal("SubnetNotExists", `Subnet ${wanted} does not exist.`);
  }

  function uidOf(hotkey: string, chainName: string): number {
    const uid = neurons.findIndex((neuron) => neuron.hotkey === hotkey);
    if (uid < 0) throw refusal(chainName, `Hotkey ${hotkey} is not registered on subnet ${netuid}.`);
    return uid;
  }

  function update(uid: number, fields: Partial<Neuron>): void {
    const neuron = neurons[uid];
    if (neuron === undefined) throw refusal("UidNotFound", `There is no uid ${uid}.`);
    neurons[uid] = { ...neuron, ...fields, uid };
  }

  function advance(blocks = 1): void {
    for (let made = 0; made < blocks; made += 1) {
      blockNumber += 1;
      headAgeMs = 0;
      revealDue();
      if (!isUnreachable) for (const watcher of [...watchers]) watcher(block());
    }
  }

  function revealDue(): void {
    for (const commit of commits) {
      if (blockNumber < commit.revealBlock) continue;
      commits.delete(commit);
      if (!areRevealsLost) weightsByUid.set(commit.uid, upscaleWeights(commit.weights));
    }
  }

  const nextEpochBlock = () => (Math.floor(blockNumber / hyperparameters.tempoBlocks) + 1) * hyperparameters.tempoBlocks;

  return {
    weightsRecords,
    advance,
    updateNeuron: update,
    addNeuron(neuron) {
      neurons.push(fakeNeuron({ registeredAtBlock: blockNumber, ...neuron }, neurons.length));
      return neurons.length - 1;
    },
    updateHyperparameters(fields) {
      hyperparameters = { ...hyperparameters, ...fields };
    },
    failNext(method, error, count = 1) {
      const failure =
        error ?? new ChainError({ code: "CHAIN_TIMEOUT", message: "The extrinsic was not seen in a block.", isRetryable: true });
      failures.set(method, [...(failures.get(method) ?? []), ...Array.from({ length: count }, () => failure)]);
    },
    setUnreachable(value) {
      isUnreachable = value;
    },
    restart() {
      blockNumber = 0;
      weightsByUid.clear();
      commits.clear();
      commitments.clear();
      for (const neuron of [...neurons]) update(neuron.uid, { lastUpdateBlock: 0, registeredAtBlock: 0, endpoint: null });
      for (const listener of [...resetWatchers]) listener();
    },
    setRevealsLost(value) {
      areRevealsLost = value;
    },
    setHeadAge(value) {
      headAgeMs = value;
    },
    status: () => ({ endpoint: isUnreachable ? null : "ws://fake", newestBlock: block(), headAgeMs }),
    async getBlock(call) {
      await enter("getBlock", call);
      return block();
    },
    async getBlockHash(number, call) {
      await enter("getBlockHash", call);
      return number <= block().number ? hashOf(number) : null;
    },
    async getBlockAt(unixMs, call) {
      await enter("getBlockAt", call);
      const number = Math.min(blockNumber, Math.floor(unixMs / (DEFAULT_BLOCK_SECONDS * 1000)));
      return number < 1 ? null : { number, hash: hashOf(number) };
    },
    watchBlocks(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
    watchResets(listener) {
      resetWatchers.add(listener);
      return () => resetWatchers.delete(listener);
    },
    async getMetagraph(wanted, call) {
      await enter("getMetagraph", call, wanted);
      const metagraph: Metagraph = {
        netuid,
        blockNumber,
        tempoBlocks: hyperparameters.tempoBlocks,
        ownerHotkey: null,
        neurons: [...neurons],
      };
      return metagraph;
    },
    async getHyperparameters(wanted, call) {
      await enter("getHyperparameters", call, wanted);
      return hyperparameters;
    },
    async getNextEpochBlock(wanted, call) {
      await enter("getNextEpochBlock", call, wanted);
      return nextEpochBlock();
    },
    async getWeights(wanted, uid, call) {
      await enter("getWeights", call, wanted, { netuid: wanted, uid });
      return weightsByUid.get(uid) ?? [];
    },
    async getCommitments(wanted, call) {
      await enter("getCommitments", call, wanted);
      return new Map(commitments);
    },
    async getValidatorTrust(wanted, call) {
      await enter("getValidatorTrust", call, wanted);
      return neurons.map(({ uid }) => ((weightsByUid.get(uid) ?? []).length > 0 ? 1 : 0));
    },
    async publishEndpoint(request, call) {
      await enter("publishEndpoint", call, request.netuid);
      const uid = uidOf(request.signer.address, "HotKeyNotRegisteredInNetwork");
      encodeAxonAddress(request.host);
      const place = { host: request.host, port: request.port };
      const isGateway = request.serves === "gateway";
      update(uid, { endpoint: isGateway ? null : place, gatewayEndpoint: isGateway ? place : null });
      return include();
    },
    async setWeights(request, call) {
      await enter("setWeights", call, request.netuid, {
        netuid: request.netuid,
        versionKey: request.versionKey,
        weights: request.weights,
      });
      const uid = uidOf(request.signer.address, "HotKeyNotRegisteredInSubNet");
      const neuron = neurons[uid];
      if (neuron === undefined) throw refusal("UidNotFound", `There is no uid ${uid}.`);
      const { kept, dropped } = keepOwnedWeights(request.weights, { neurons });
      const weights = kept.map(({ uid: target, weightU16 }) => ({ uid: target, weightU16 }));
      if (weights.length === 0 && dropped.length > 0) throw allDropped(request.netuid, dropped);
      checkSetWeights({
        call: "weights",
        hotkey: neuron.hotkey,
        weights,
        versionKey: request.versionKey,
        metagraph: { netuid, blockNumber, tempoBlocks: hyperparameters.tempoBlocks, ownerHotkey: null, neurons },
        hyperparameters,
        lastUpdateBlock: neuron.lastUpdateBlock,
        blockSeconds: DEFAULT_BLOCK_SECONDS,
      });
      const inclusion = include();
      update(uid, { lastUpdateBlock: inclusion.blockNumber });
      weightsRecords.push({
        hotkey: request.signer.address,
        weights,
        versionKey: request.versionKey,
        blockNumber: inclusion.blockNumber,
      });
      if (!hyperparameters.isCommitRevealEnabled) {
        weightsByUid.set(uid, upscaleWeights(weights));
        return { kind: "set", ...inclusion, weights, dropped };
      }
      const revealBlock = nextEpochBlock() + (hyperparameters.revealPeriodEpochs - 1) * hyperparameters.tempoBlocks;
      commits.add({ uid, revealBlock, weights });
      return { kind: "committed", revealRound: revealBlock * 4, revealBlock, ...inclusion, weights, dropped };
    },
    async setCommitment(request, call) {
      await enter("setCommitment", call, request.netuid);
      uidOf(request.signer.address, "AccountNotAllowedCommit");
      commitments.set(request.signer.address, Uint8Array.from(request.bytes));
      return include();
    },
    async close() {
      watchers.clear();
      resetWatchers.clear();
    },
  };
}

function refusal(chainName: string, message: string): ChainError {
  return new ChainError({ code: "CHAIN_REJECTED", message: `The chain refused: ${message}`, chainName });
}
