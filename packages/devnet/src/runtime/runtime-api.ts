import type { RuntimeApiHandlers } from "../metadata/apis.js";
import { METADATA_VERSIONS } from "../metadata/encode-metadata.js";
import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import { type RuntimeVersion, systemStorage } from "../metadata/pallets/system.js";
import type { RuntimeCall } from "../metadata/runtime.js";
import type { AccountId } from "../metadata/types/common.js";
import type { StakeInfoValue } from "../metadata/types/subtensor.js";
import { encodeWith } from "../scale/codec.js";
import { bytes } from "../scale/collections.js";
import type { State } from "../storage/state.js";
import { readDynamicInfo } from "./dynamic-info.js";
import { nextEpochBlock } from "./epoch-clock.js";
import { decodeExtrinsic } from "./extrinsic.js";
import { feeOf } from "./fees.js";
import { readHyperparams, readHyperparamsV2, readHyperparamsV3 } from "./hyperparameters.js";
import { forEachUid, readMetagraph, readNeuron, readNeuronLite, readSelectiveMetagraph } from "./metagraph.js";
import { networkLockCost } from "./networks.js";
import { stakeOfColdkey } from "./stake.js";
import { readSubnetState } from "./subnet-state.js";
import { listSubnets, ROOT_NETUID, subnetExists, uidOf } from "./subnets.js";
import { alphaPriceRao, alphaPrices, simulateBuy, simulateSell } from "./swap-api.js";

/** What runtime APIs read from. */
export type ApiContext = {
  readonly state: State;
  readonly version: RuntimeVersion;
  /** Encoded metadata by version, `null` for a version that there is none of. */
  readonly metadata: (version: number) => Uint8Array | null;
};

const noWeight = { ref_time: 0n, proof_size: 0n };

function dispatchInfo(call: RuntimeCall, lengthBytes: number) {
  return { weight: noWeight, class: "Normal", partial_fee: feeOf(call, lengthBytes) } as const;
}

function feeDetails(call: RuntimeCall, lengthBytes: number) {
  const fee = feeOf(call, lengthBytes);
  return { inclusion_fee: fee === 0n ? null : { base_fee: fee, len_fee: 0n, adjusted_weight_fee: 0n }, tip: 0n };
}

function readStake(state: State, hotkey: AccountId, coldkey: AccountId, netuid: number): StakeInfoValue {
  const uid = uidOf(state, netuid, hotkey);
  return {
    hotkey,
    coldkey,
    netuid,
    stake: stakeOfColdkey(state, hotkey, coldkey, netuid),
    locked: 0n,
    emission: uid === null ? 0n : (state.get(subtensorStorage.emission, netuid)[uid] ?? 0n),
    tao_emission: 0n,
    drain: 0n,
    is_registered: uid !== null,
  };
}

function readStakes(state: State, coldkey: AccountId): readonly StakeInfoValue[] {
  const netuids = [ROOT_NETUID, ...listSubnets(state)];
  return state
    .get(subtensorStorage.stakingHotkeys, coldkey)
    .flatMap((hotkey) => netuids.map((netuid) => readStake(state, hotkey, coldkey, netuid)))
    .filter(({ stake }) => stake > 0n);
}

/** A function for every runtime API method, over the storage of one block. */
export function createRuntimeApi({ state, version, metadata }: ApiContext): RuntimeApiHandlers {
  const blockNumber = state.get(systemStorage.number);
  const metagraph = (netuid: number, mechanism: number) => readMetagraph(state, netuid, { blockNumber, mechanism });
  const everySubnet = (): readonly number[] => [ROOT_NETUID, ...listSubnets(state)];
  // The argument was read as bytes, without the length in front that belongs to an extrinsic.
  const callOf = (uxt: Uint8Array): RuntimeCall => decodeExtrinsic(encodeWith(bytes, uxt)).call;
  return {
    Core: { version: () => version },
    Metadata: {
      metadata: () => metadata(14) ?? new Uint8Array(),
      metadata_at_version: ({ version: asked }) => metadata(asked),
      metadata_versions: () => METADATA_VERSIONS,
    },
    AccountNonceApi: { account_nonce: ({ account }) => state.get(systemStorage.account, account).nonce },
    TransactionPaymentApi: {
      query_info: ({ uxt, len }) => dispatchInfo(callOf(uxt), len),
      query_fee_details: ({ uxt, len }) => feeDetails(callOf(uxt), len),
    },
    TransactionPaymentCallApi: {
      query_call_info: ({ call, len }) => dispatchInfo(call, len),
      query_call_fee_details: ({ call, len }) => feeDetails(call, len),
    },
    NeuronInfoRuntimeApi: {
      get_neurons: ({ netuid }) => forEachUid(state, netuid, (uid) => readNeuron(state, netuid, uid)),
      get_neuron: ({ netuid, uid }) => readNeuron(state, netuid, uid),
      get_neurons_lite: ({ netuid }) => forEachUid(state, netuid, (uid) => readNeuronLite(state, netuid, uid)),
      get_neuron_lite: ({ netuid, uid }) => readNeuronLite(state, netuid, uid),
    },
    SubnetInfoRuntimeApi: {
      get_subnet_hyperparams: ({ netuid }) => readHyperparams(state, netuid),
      get_subnet_hyperparams_v2: ({ netuid }) => readHyperparamsV2(state, netuid),
      get_subnet_hyperparams_v3: ({ netuid }) => readHyperparamsV3(state, netuid),
      get_all_metagraphs: () => everySubnet().map((netuid) => metagraph(netuid, 0)),
      get_metagraph: ({ netuid }) => metagraph(netuid, 0),
      get_all_mechagraphs: () =>
        everySubnet().flatMap((netuid) => {
          const count = state.get(subtensorStorage.mechanismCountCurrent, netuid);
          return Array.from({ length: count }, (_, mechanism) => metagraph(netuid, mechanism));
        }),
      get_mechagraph: ({ netuid, mecid }) => metagraph(netuid, mecid),
      get_selective_metagraph: ({ netuid, metagraph_indexes }) =>
        readSelectiveMetagraph(state, netuid, { blockNumber, mechanism: 0, indexes: metagraph_indexes }),
      get_selective_mechagraph: ({ netuid, subid, metagraph_indexes }) =>
        readSelectiveMetagraph(state, netuid, { blockNumber, mechanism: subid, indexes: metagraph_indexes }),
      get_dynamic_info: ({ netuid }) => readDynamicInfo(state, netuid, blockNumber),
      get_all_dynamic_info: () => everySubnet().map((netuid) => readDynamicInfo(state, netuid, blockNumber)),
      get_subnet_state: ({ netuid }) => readSubnetState(state, netuid, blockNumber),
      get_next_epoch_start_block: ({ netuid }) => (subnetExists(state, netuid) ? nextEpochBlock(state, netuid) : null),
    },
    StakeInfoRuntimeApi: {
      get_stake_info_for_coldkey: ({ coldkey_account }) => readStakes(state, coldkey_account),
      get_stake_info_for_coldkeys: ({ coldkey_accounts }) =>
        coldkey_accounts.map((coldkey) => [coldkey, readStakes(state, coldkey)] as const),
      get_stake_info_for_hotkey_coldkey_netuid: ({ hotkey_account, coldkey_account, netuid }) =>
        readStake(state, hotkey_account, coldkey_account, netuid),
    },
    SwapRuntimeApi: {
      current_alpha_price: ({ netuid }) => alphaPriceRao(state, netuid),
      current_alpha_price_all: () => alphaPrices(state),
      sim_swap_tao_for_alpha: ({ netuid, tao }) => simulateBuy(state, netuid, tao),
      sim_swap_alpha_for_tao: ({ netuid, alpha }) => simulateSell(state, netuid, alpha),
    },
    SubnetRegistrationRuntimeApi: { get_network_registration_cost: () => networkLockCost(state, blockNumber) },
  };
}
