import { commitmentsStorage } from "../metadata/pallets/commitments.js";
import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import { commitmentInfo } from "../metadata/types/commitments.js";
import {
  type MetagraphValue,
  type NeuronInfo,
  type NeuronInfoLite,
  type SelectiveMetagraphValue,
  selectiveMetagraph,
  selectiveMetagraphFields,
} from "../metadata/types/subtensor.js";
import { encodeWith } from "../scale/codec.js";
import type { State } from "../storage/state.js";
import { activityCutoffBlocks } from "./epoch-clock.js";
import { stakeOfHotkey, stakeWeights } from "./stake.js";
import { listHotkeys, storageIndex, subnetExists } from "./subnets.js";

const u16Maximum = 65_535;
const noAxon = { block: 0n, version: 0, ip: 0n, port: 0, ip_type: 0, protocol: 0, placeholder1: 0, placeholder2: 0 };
const noPrometheus = { block: 0n, version: 0, ip: 0n, port: 0, ip_type: 0 };

/** The metagraph of one mechanism of a subnet, `null` for an unknown one. Fields that the chain no longer computes are empty, as there. */
export function readMetagraph(
  state: State,
  netuid: number,
  options: { readonly blockNumber: number; readonly mechanism: number },
): MetagraphValue | null {
  const { blockNumber, mechanism } = options;
  if (!subnetExists(state, netuid) || mechanism >= state.get(subtensorStorage.mechanismCountCurrent, netuid)) return null;
  const index = storageIndex(netuid, mechanism);
  const get = <V>(item: Parameters<typeof state.get<readonly [number], V, V>>[0]): V => state.get(item, netuid);
  const hotkeys = listHotkeys(state, netuid);
  const coldkeys = hotkeys.map((hotkey) => state.get(subtensorStorage.owner, hotkey));
  const stakes = hotkeys.map((hotkey) => stakeWeights(state, hotkey, netuid));
  const lastStep = get(subtensorStorage.lastMechansimStepBlock);
  const identity = state.get(subtensorStorage.subnetIdentitiesV3, netuid);
  return {
    netuid: index,
    name: [...(identity?.subnet_name ?? new Uint8Array())],
    symbol: [...get(subtensorStorage.tokenSymbol)],
    identity,
    network_registered_at: get(subtensorStorage.networkRegisteredAt),
    owner_hotkey: get(subtensorStorage.subnetOwnerHotkey),
    owner_coldkey: get(subtensorStorage.subnetOwner),
    block: BigInt(blockNumber),
    tempo: get(subtensorStorage.tempo),
    last_step: lastStep,
    blocks_since_last_step: BigInt(blockNumber) - lastStep,
    subnet_emission: 0n,
    alpha_in: get(subtensorStorage.subnetAlphaIn),
    alpha_out: get(subtensorStorage.subnetAlphaOut),
    tao_in: get(subtensorStorage.subnetTAO),
    alpha_out_emission: get(subtensorStorage.subnetAlphaOutEmission),
    alpha_in_emission: get(subtensorStorage.subnetAlphaInEmission),
    tao_in_emission: get(subtensorStorage.subnetTaoInEmission),
    pending_alpha_emission: get(subtensorStorage.pendingValidatorEmission) + get(subtensorStorage.pendingServerEmission),
    pending_root_emission: 0n,
    subnet_volume: get(subtensorStorage.subnetVolume),
    moving_price: get(subtensorStorage.subnetMovingPrice),
    rho: get(subtensorStorage.rho),
    kappa: get(subtensorStorage.kappa),
    min_allowed_weights: get(subtensorStorage.minAllowedWeights),
    max_weights_limit: u16Maximum,
    weights_version: get(subtensorStorage.weightsVersionKey),
    weights_rate_limit: get(subtensorStorage.weightsSetRateLimit),
    activity_cutoff: activityCutoffBlocks(state, netuid),
    max_validators: get(subtensorStorage.maxAllowedValidators),
    num_uids: hotkeys.length,
    max_uids: get(subtensorStorage.maxAllowedUids),
    burn: get(subtensorStorage.burn),
    difficulty: get(subtensorStorage.difficulty),
    registration_allowed: get(subtensorStorage.networkRegistrationAllowed),
    pow_registration_allowed: get(subtensorStorage.networkPowRegistrationAllowed),
    immunity_period: get(subtensorStorage.immunityPeriod),
    min_difficulty: get(subtensorStorage.minDifficulty),
    max_difficulty: get(subtensorStorage.maxDifficulty),
    min_burn: get(subtensorStorage.minBurn),
    max_burn: get(subtensorStorage.maxBurn),
    adjustment_alpha: get(subtensorStorage.adjustmentAlpha),
    adjustment_interval: get(subtensorStorage.adjustmentInterval),
    target_regs_per_interval: get(subtensorStorage.targetRegistrationsPerInterval),
    max_regs_per_block: get(subtensorStorage.maxRegistrationsPerBlock),
    serving_rate_limit: get(subtensorStorage.servingRateLimit),
    commit_reveal_weights_enabled: get(subtensorStorage.commitRevealWeightsEnabled),
    commit_reveal_period: get(subtensorStorage.revealPeriodEpochs),
    liquid_alpha_enabled: get(subtensorStorage.liquidAlphaOn),
    alpha_high: get(subtensorStorage.alphaValues)[1],
    alpha_low: get(subtensorStorage.alphaValues)[0],
    bonds_moving_avg: get(subtensorStorage.bondsMovingAverage),
    hotkeys,
    coldkeys,
    identities: coldkeys.map((coldkey) => state.get(subtensorStorage.identitiesV2, coldkey)),
    axons: hotkeys.map((hotkey) => state.get(subtensorStorage.axons, netuid, hotkey) ?? noAxon),
    active: get(subtensorStorage.active),
    validator_permit: get(subtensorStorage.validatorPermit),
    pruning_score: [],
    last_update: state.get(subtensorStorage.lastUpdate, index),
    emission: get(subtensorStorage.emission),
    dividends: get(subtensorStorage.dividends),
    incentives: state.get(subtensorStorage.incentive, index),
    consensus: get(subtensorStorage.consensus),
    trust: [],
    rank: [],
    block_at_registration: hotkeys.map((_, uid) => state.get(subtensorStorage.blockAtRegistration, netuid, uid)),
    alpha_stake: stakes.map(({ alpha }) => alpha >> 64n),
    tao_stake: stakes.map(({ tao }) => tao >> 64n),
    total_stake: stakes.map(({ total }) => total >> 64n),
    tao_dividends_per_hotkey: hotkeys.map((hotkey) => [hotkey, 0n]),
    alpha_dividends_per_hotkey: hotkeys.map((hotkey) => [hotkey, state.get(subtensorStorage.alphaDividendsPerSubnet, netuid, hotkey)]),
  };
}

/**
 * The asked-for fields of a mechanism's metagraph; unknown indices are ignored.
 *
 * `validators` are the uids with a permit; `commitments` the encoded commitments by hotkey.
 */
export function readSelectiveMetagraph(
  state: State,
  netuid: number,
  options: { readonly blockNumber: number; readonly mechanism: number; readonly indexes: readonly number[] },
): SelectiveMetagraphValue | null {
  const whole = readMetagraph(state, netuid, options);
  if (whole === null) return null;
  const extended: Readonly<Record<string, unknown>> = {
    ...whole,
    validators: [...whole.validator_permit.keys()].filter((uid) => whole.validator_permit[uid]),
    commitments: state
      .entries(commitmentsStorage.commitmentOf, netuid)
      .map(([[, hotkey], { info }]) => [hotkey, [...encodeWith(commitmentInfo, info)]] as const),
  };
  const asked = new Set(options.indexes.map((index) => selectiveMetagraphFields[index]));
  const names = selectiveMetagraph.shape.kind === "composite" ? selectiveMetagraph.shape.fields.map(({ name }) => name ?? "") : [];
  // Field by field the types agree with the selective metagraph's; a loop over names cannot show that to the checker.
  return Object.fromEntries(
    names.map((name) => [name, name === "netuid" || asked.has(name) ? extended[name] : undefined]),
  ) as unknown as SelectiveMetagraphValue;
}

/** One neuron without its weights, `null` for an unknown uid. */
export function readNeuronLite(state: State, netuid: number, uid: number): NeuronInfoLite | null {
  if (!subnetExists(state, netuid) || uid >= state.get(subtensorStorage.subnetworkN, netuid)) return null;
  const hotkey = state.get(subtensorStorage.keys, netuid, uid);
  const coldkey = state.get(subtensorStorage.owner, hotkey);
  const at = <T>(list: readonly T[], fallback: T): T => list[uid] ?? fallback;
  return {
    hotkey,
    coldkey,
    uid,
    netuid,
    active: at(state.get(subtensorStorage.active, netuid), false),
    axon_info: state.get(subtensorStorage.axons, netuid, hotkey) ?? noAxon,
    prometheus_info: state.get(subtensorStorage.prometheus, netuid, hotkey) ?? noPrometheus,
    stake: [[coldkey, stakeOfHotkey(state, hotkey, netuid)]],
    rank: 0,
    emission: at(state.get(subtensorStorage.emission, netuid), 0n),
    incentive: at(state.get(subtensorStorage.incentive, netuid), 0),
    consensus: at(state.get(subtensorStorage.consensus, netuid), 0),
    trust: 0,
    validator_trust: at(state.get(subtensorStorage.validatorTrust, netuid), 0),
    dividends: at(state.get(subtensorStorage.dividends, netuid), 0),
    last_update: at(state.get(subtensorStorage.lastUpdate, netuid), 0n),
    validator_permit: at(state.get(subtensorStorage.validatorPermit, netuid), false),
    pruning_score: 0,
  };
}

/** One neuron with its weights and bonds, `null` for an unknown uid. */
export function readNeuron(state: State, netuid: number, uid: number): NeuronInfo | null {
  const lite = readNeuronLite(state, netuid, uid);
  if (lite === null) return null;
  return { ...lite, weights: state.get(subtensorStorage.weights, netuid, uid), bonds: state.get(subtensorStorage.bonds, netuid, uid) };
}

/** A list with one entry a uid. */
export function forEachUid<T>(state: State, netuid: number, read: (uid: number) => T | null): readonly T[] {
  return [...listHotkeys(state, netuid).keys()].flatMap((uid) => {
    const value = read(uid);
    return value === null ? [] : [value];
  });
}
