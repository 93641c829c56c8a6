import { drandStorage } from "../metadata/pallets/drand.js";
import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import { timestampStorage } from "../metadata/pallets/timestamp.js";
import { sudoStorage } from "../metadata/runtime.js";
import { type AccountId, zeroHash } from "../metadata/types/common.js";
import { State } from "../storage/state.js";
import type { StateChanges } from "../storage/versioned-store.js";
import { issue, setFreeBalance } from "./accounts.js";
import { initialiseSubnet } from "./networks.js";
import { appendNeuron } from "./neurons.js";
import { increaseStake } from "./stake.js";
import { createHotkey } from "./staking.js";
import { ROOT_NETUID, storageIndex } from "./subnets.js";
import type { Beacon } from "./timelock/beacon.js";

/** Hyperparameters that a subnet may start with; what is left out has the default beside it. */
export type SubnetHyperparameters = {
  /** 20 */
  readonly tempoBlocks: number;
  /** false (the chain: true) */
  readonly isCommitRevealEnabled: boolean;
  /** 1 */
  readonly revealPeriodEpochs: number;
  /** 0 */
  readonly weightsVersionKey: bigint;
  /** 5 (the chain: 100) */
  readonly weightsRateLimitBlocks: bigint;
  /** 1 */
  readonly minAllowedWeights: number;
  /** 5 (the chain: 50) */
  readonly servingRateLimitBlocks: bigint;
  /** 100 (the chain: 5000) */
  readonly immunityPeriodBlocks: number;
  /** 256 */
  readonly maxUids: number;
  /** 64 */
  readonly maxValidators: number;
  /** 0.1 TAO */
  readonly burnRao: bigint;
  /** 0.0005 TAO */
  readonly minBurnRao: bigint;
  /** 100 TAO */
  readonly maxBurnRao: bigint;
  /** 360 */
  readonly burnHalfLifeBlocks: number;
  /** 32767 */
  readonly kappaU16: number;
  /** true */
  readonly isYuma3: boolean;
  /** 13889 thousandths of a tempo */
  readonly activityCutoffFactorMilli: number;
  /** 10 (as on the chain): registrations on a full subnet spare so many that are past their immunity */
  readonly minNonImmuneUids: number;
  /** 1 */
  readonly mechanismCount: number;
};

/** A neuron that is there from the start. */
export type GenesisNeuron = {
  readonly hotkey: AccountId;
  readonly coldkey: AccountId;
  /** Alpha of the subnet staked on it by its coldkey. */
  readonly stakeRao?: bigint;
  /** True: it may validate from the first block on, without waiting for an epoch. */
  readonly hasPermit?: boolean;
};

/** A subnet that is there from the start, started. */
export type GenesisSubnet = {
  readonly netuid: number;
  readonly ownerColdkey: AccountId;
  /** Registered on uid 0. Left out: the subnet has no owner's neuron. */
  readonly ownerHotkey?: AccountId;
  readonly hyperparameters?: Partial<SubnetHyperparameters>;
  /** In order of uid, behind the owner's. */
  readonly neurons?: readonly GenesisNeuron[];
};

/** What a chain starts with. */
export type Genesis = {
  readonly timeMs: number;
  /** Free RAO by account. */
  readonly balances: ReadonlyMap<AccountId, bigint>;
  readonly subnets: readonly GenesisSubnet[];
  /** Who may call Sudo. */
  readonly sudoAccount: AccountId | null;
  /** Stake that weights need, in RAO. */
  readonly stakeThresholdRao: bigint;
};

/** Hyperparameters of a subnet that were not given. */
export const defaultHyperparameters: SubnetHyperparameters = {
  tempoBlocks: 20,
  isCommitRevealEnabled: false,
  revealPeriodEpochs: 1,
  weightsVersionKey: 0n,
  weightsRateLimitBlocks: 5n,
  minAllowedWeights: 1,
  servingRateLimitBlocks: 5n,
  immunityPeriodBlocks: 100,
  maxUids: 256,
  maxValidators: 64,
  burnRao: 100_000_000n,
  minBurnRao: 500_000n,
  maxBurnRao: 100_000_000_000n,
  burnHalfLifeBlocks: 360,
  kappaU16: 32_767,
  isYuma3: true,
  activityCutoffFactorMilli: 13_889,
  minNonImmuneUids: 10,
  mechanismCount: 1,
};

/** Reserves of a subnet's pool at the start: an alpha costs one TAO, and staking hundreds of TAO hardly moves it. */
const POOL_RAO = 1_000_000_000_000_000n;

/** Storage of the block that a chain starts with. */
export function buildGenesis(genesis: Genesis, beacon: Beacon): StateChanges {
  const state = new State({ read: () => null, keys: () => [] });
  const context = { state, blockNumber: 0, parentHash: zeroHash, emit: () => undefined };
  state.put(timestampStorage.now, [], BigInt(genesis.timeMs));
  for (const [account, freeRao] of genesis.balances) {
    setFreeBalance(context, account, freeRao);
    issue(context, freeRao);
  }
  if (genesis.sudoAccount !== null) state.put(sudoStorage.key, [], genesis.sudoAccount);
  state.put(subtensorStorage.stakeThreshold, [], genesis.stakeThresholdRao);
  state.put(subtensorStorage.networksAdded, [ROOT_NETUID], true);
  state.put(subtensorStorage.totalNetworks, [], 1);
  state.put(drandStorage.lastStoredRound, [], beacon.roundAt(genesis.timeMs));
  const text = new TextEncoder();
  state.put(drandStorage.beaconConfig, [], {
    public_key: beacon.publicKey,
    period: beacon.periodSeconds,
    genesis_time: beacon.genesisTimeSeconds,
    hash: new Uint8Array(32),
    group_hash: new Uint8Array(32),
    scheme_id: text.encode("bls-unchained-g1-rfc9380"),
    metadata: { beacon_id: text.encode("vision-devnet") },
  });
  for (const subnet of genesis.subnets) addSubnet(state, subnet);
  return state.pending();
}

function addSubnet(state: State, subnet: GenesisSubnet): void {
  const { netuid, ownerColdkey, ownerHotkey } = subnet;
  const settings = { ...defaultHyperparameters, ...subnet.hyperparameters };
  initialiseSubnet(state, netuid, { tempo: settings.tempoBlocks, blockNumber: 0 });
  state.put(subtensorStorage.subnetMechanism, [netuid], 1);
  state.put(subtensorStorage.subnetTAO, [netuid], POOL_RAO);
  state.put(subtensorStorage.subnetAlphaIn, [netuid], POOL_RAO);
  state.put(subtensorStorage.subnetOwner, [netuid], ownerColdkey);
  state.put(subtensorStorage.subtokenEnabled, [netuid], true);
  state.put(subtensorStorage.firstEmissionBlockNumber, [netuid], 1n);
  state.put(subtensorStorage.networkRegisteredAt, [netuid], 0n);
  putHyperparameters(state, netuid, settings);
  if (ownerHotkey !== undefined) {
    state.put(subtensorStorage.subnetOwnerHotkey, [netuid], ownerHotkey);
    addNeuron(state, netuid, { hotkey: ownerHotkey, coldkey: ownerColdkey });
  }
  for (const neuron of subnet.neurons ?? []) addNeuron(state, netuid, neuron);
}

function putHyperparameters(state: State, netuid: number, settings: SubnetHyperparameters): void {
  state.put(subtensorStorage.commitRevealWeightsEnabled, [netuid], settings.isCommitRevealEnabled);
  state.put(subtensorStorage.revealPeriodEpochs, [netuid], BigInt(settings.revealPeriodEpochs));
  state.put(subtensorStorage.weightsVersionKey, [netuid], settings.weightsVersionKey);
  state.put(subtensorStorage.weightsSetRateLimit, [netuid], settings.weightsRateLimitBlocks);
  state.put(subtensorStorage.minAllowedWeights, [netuid], settings.minAllowedWeights);
  state.put(subtensorStorage.servingRateLimit, [netuid], settings.servingRateLimitBlocks);
  state.put(subtensorStorage.immunityPeriod, [netuid], settings.immunityPeriodBlocks);
  state.put(subtensorStorage.maxAllowedUids, [netuid], settings.maxUids);
  state.put(subtensorStorage.maxAllowedValidators, [netuid], settings.maxValidators);
  state.put(subtensorStorage.burn, [netuid], settings.burnRao);
  state.put(subtensorStorage.minBurn, [netuid], settings.minBurnRao);
  state.put(subtensorStorage.maxBurn, [netuid], settings.maxBurnRao);
  state.put(subtensorStorage.burnHalfLife, [netuid], settings.burnHalfLifeBlocks);
  state.put(subtensorStorage.kappa, [netuid], settings.kappaU16);
  state.put(subtensorStorage.yuma3On, [netuid], settings.isYuma3);
  state.put(subtensorStorage.activityCutoffFactorMilli, [netuid], settings.activityCutoffFactorMilli);
  state.put(subtensorStorage.minNonImmuneUids, [netuid], settings.minNonImmuneUids);
  state.put(subtensorStorage.mechanismCountCurrent, [netuid], settings.mechanismCount);
  for (let mechanism = 0; mechanism < settings.mechanismCount; mechanism += 1) {
    state.put(subtensorStorage.lastUpdate, [storageIndex(netuid, mechanism)], []);
  }
}

function addNeuron(state: State, netuid: number, neuron: GenesisNeuron): void {
  const { hotkey, coldkey, stakeRao = 0n, hasPermit = false } = neuron;
  createHotkey(state, coldkey, hotkey);
  const uid = appendNeuron(state, netuid, hotkey, 0);
  if (stakeRao > 0n) {
    increaseStake(state, { hotkey, coldkey, netuid, rao: stakeRao });
    state.put(subtensorStorage.subnetAlphaOut, [netuid], state.get(subtensorStorage.subnetAlphaOut, netuid) + stakeRao);
  }
  const permits = state.get(subtensorStorage.validatorPermit, netuid);
  state.put(
    subtensorStorage.validatorPermit,
    [netuid],
    permits.map((permit, at) => (at === uid ? hasPermit : permit)),
  );
}
