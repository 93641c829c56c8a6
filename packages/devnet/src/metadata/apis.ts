import type { AnyCodec, Codec, ValueOf } from "../scale/codec.js";
import { bytes, option, tuple, vec } from "../scale/collections.js";
import { u8, u16, u32, u64 } from "../scale/primitives.js";
import { newtype } from "../scale/records.js";
import { uncheckedExtrinsic } from "./extrinsic-types.js";
import { runtimeVersion } from "./pallets/system.js";
import { feeDetails, runtimeDispatchInfo } from "./pallets/transaction-payment.js";
import { runtimeCall } from "./runtime.js";
import { accountId } from "./types/common.js";
import { dynamicInfo } from "./types/dynamic-info.js";
import { subnetState } from "./types/subnet-state.js";
import {
  hyperparamEntry,
  metagraph,
  neuronInfo,
  neuronInfoLite,
  selectiveMetagraph,
  stakeInfo,
  subnetHyperparams,
  subnetHyperparamsV2,
} from "./types/subtensor.js";
import { simSwapResult, subnetPrice } from "./types/swap.js";

/** One method of a runtime API. */
export type ApiMethod = { readonly inputs: Readonly<Record<string, AnyCodec>>; readonly output: AnyCodec };

/** A runtime API: version and methods. */
export type RuntimeApi = { readonly version: number; readonly methods: Readonly<Record<string, ApiMethod>> };

function method<const I extends Readonly<Record<string, AnyCodec>>, O>(inputs: I, output: Codec<O>) {
  return { inputs, output } as const;
}

const opaqueMetadata = newtype("sp_core::OpaqueMetadata", bytes);
const byNetuid = { netuid: u16 } as const;
const byUid = { netuid: u16, uid: u16 } as const;

/** The runtime APIs that the node answers, through `state_call`. Names, versions and types of spec 424. */
export const runtimeApis = {
  Core: { version: 5, methods: { version: method({}, runtimeVersion) } },
  Metadata: {
    version: 2,
    methods: {
      metadata: method({}, opaqueMetadata),
      metadata_at_version: method({ version: u32 }, option(opaqueMetadata)),
      metadata_versions: method({}, vec(u32)),
    },
  },
  AccountNonceApi: { version: 1, methods: { account_nonce: method({ account: accountId }, u32) } },
  TransactionPaymentApi: {
    version: 4,
    methods: {
      query_info: method({ uxt: uncheckedExtrinsic, len: u32 }, runtimeDispatchInfo),
      query_fee_details: method({ uxt: uncheckedExtrinsic, len: u32 }, feeDetails),
    },
  },
  TransactionPaymentCallApi: {
    version: 3,
    methods: {
      query_call_info: method({ call: runtimeCall, len: u32 }, runtimeDispatchInfo),
      query_call_fee_details: method({ call: runtimeCall, len: u32 }, feeDetails),
    },
  },
  NeuronInfoRuntimeApi: {
    version: 1,
    methods: {
      get_neurons: method(byNetuid, vec(neuronInfo)),
      get_neuron: method(byUid, option(neuronInfo)),
      get_neurons_lite: method(byNetuid, vec(neuronInfoLite)),
      get_neuron_lite: method(byUid, option(neuronInfoLite)),
    },
  },
  SubnetInfoRuntimeApi: {
    version: 2,
    methods: {
      get_subnet_hyperparams: method(byNetuid, option(subnetHyperparams)),
      get_subnet_hyperparams_v2: method(byNetuid, option(subnetHyperparamsV2)),
      get_subnet_hyperparams_v3: method(byNetuid, option(vec(hyperparamEntry))),
      get_all_metagraphs: method({}, vec(option(metagraph))),
      get_metagraph: method(byNetuid, option(metagraph)),
      get_all_mechagraphs: method({}, vec(option(metagraph))),
      get_mechagraph: method({ netuid: u16, mecid: u8 }, option(metagraph)),
      get_selective_metagraph: method({ netuid: u16, metagraph_indexes: vec(u16) }, option(selectiveMetagraph)),
      get_selective_mechagraph: method({ netuid: u16, subid: u8, metagraph_indexes: vec(u16) }, option(selectiveMetagraph)),
      get_dynamic_info: method(byNetuid, option(dynamicInfo)),
      get_all_dynamic_info: method({}, vec(option(dynamicInfo))),
      get_subnet_state: method(byNetuid, option(subnetState)),
      get_next_epoch_start_block: method(byNetuid, option(u64)),
    },
  },
  StakeInfoRuntimeApi: {
    version: 1,
    methods: {
      get_stake_info_for_coldkey: method({ coldkey_account: accountId }, vec(stakeInfo)),
      get_stake_info_for_coldkeys: method({ coldkey_accounts: vec(accountId) }, vec(tuple(accountId, vec(stakeInfo)))),
      get_stake_info_for_hotkey_coldkey_netuid: method(
        { hotkey_account: accountId, coldkey_account: accountId, netuid: u16 },
        option(stakeInfo),
      ),
    },
  },
  SwapRuntimeApi: {
    version: 1,
    methods: {
      current_alpha_price: method(byNetuid, u64),
      current_alpha_price_all: method({}, vec(subnetPrice)),
      sim_swap_tao_for_alpha: method({ netuid: u16, tao: u64 }, simSwapResult),
      sim_swap_alpha_for_tao: method({ netuid: u16, alpha: u64 }, simSwapResult),
    },
  },
  SubnetRegistrationRuntimeApi: { version: 1, methods: { get_network_registration_cost: method({}, u64) } },
} as const satisfies Readonly<Record<string, RuntimeApi>>;

type Apis = typeof runtimeApis;
type InputValues<I extends Readonly<Record<string, AnyCodec>>> = { readonly [K in keyof I]: ValueOf<I[K]> };
type MethodsOf<A extends keyof Apis> = Apis[A]["methods"];

/** A function for every declared method: the arguments as an object in, the value to be encoded out. */
export type RuntimeApiHandlers = {
  readonly [A in keyof Apis]: {
    readonly [M in keyof MethodsOf<A>]: MethodsOf<A>[M] extends { readonly inputs: infer I; readonly output: infer O }
      ? I extends Readonly<Record<string, AnyCodec>>
        ? (input: InputValues<I>) => ValueOf<O>
        : never
      : never;
  };
};
