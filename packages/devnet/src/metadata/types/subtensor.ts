import type { Codec, ValueOf } from "../../scale/codec.js";
import { boundedBytes, bytes, option, optional, tuple, vec } from "../../scale/collections.js";
import { bool, compactU8, compactU16, compactU32, compactU64, compactU128, u8, u16, u32, u64, u128 } from "../../scale/primitives.js";
import { holding, struct, unitVariant, variant } from "../../scale/records.js";
import { accountId, i32f32, i96f32, u64f64 } from "./common.js";

/** Where a neuron serves. `ip` is the big-endian address as a number. */
export const axonInfo = struct("pallet_subtensor::pallet::AxonInfo", {
  block: u64,
  version: u32,
  ip: u128,
  port: u16,
  ip_type: u8,
  protocol: u8,
  placeholder1: u8,
  placeholder2: u8,
});
/** Where a neuron's metrics are served. `ip` is the big-endian address as a number. */
export const prometheusInfo = struct("pallet_subtensor::pallet::PrometheusInfo", {
  block: u64,
  version: u32,
  ip: u128,
  port: u16,
  ip_type: u8,
});
/** Codec of the public key that a neuron serves with. */
export const neuronCertificate = struct("pallet_subtensor::pallet::NeuronCertificate", { public_key: boundedBytes(64), algorithm: u8 });

/** Codec of a coldkey's description of itself; UTF-8 texts. */
export const chainIdentity = struct("pallet_subtensor::pallet::ChainIdentityV2", {
  name: bytes,
  url: bytes,
  github_repo: bytes,
  image: bytes,
  discord: bytes,
  description: bytes,
  additional: bytes,
});

/** Codec of a subnet's description of itself; UTF-8 texts. */
export const subnetIdentity = struct("pallet_subtensor::pallet::SubnetIdentityV3", {
  subnet_name: bytes,
  github_repo: bytes,
  subnet_contact: bytes,
  subnet_url: bytes,
  discord: bytes,
  description: bytes,
  logo_url: bytes,
  additional: bytes,
});

/** Codec of what becomes of the emission of a subnet owner's own miners. */
export const recycleOrBurn = unitVariant("pallet_subtensor::pallet::RecycleOrBurnEnum", ["Burn", "Recycle"]);

const accountParameter = [{ name: "AccountId", codec: accountId }];

/** Every field of a metagraph in the order of the wire; `validators` and `commitments` exist in the selective one only. */
const metagraphFields = {
  netuid: compactU16,
  name: vec(compactU8),
  symbol: vec(compactU8),
  identity: option(subnetIdentity),
  network_registered_at: compactU64,
  owner_hotkey: accountId,
  owner_coldkey: accountId,
  block: compactU64,
  tempo: compactU16,
  last_step: compactU64,
  blocks_since_last_step: compactU64,
  subnet_emission: compactU64,
  alpha_in: compactU64,
  alpha_out: compactU64,
  tao_in: compactU64,
  alpha_out_emission: compactU64,
  alpha_in_emission: compactU64,
  tao_in_emission: compactU64,
  pending_alpha_emission: compactU64,
  pending_root_emission: compactU64,
  subnet_volume: compactU128,
  moving_price: i96f32,
  rho: compactU16,
  kappa: compactU16,
  min_allowed_weights: compactU16,
  max_weights_limit: compactU16,
  weights_version: compactU64,
  weights_rate_limit: compactU64,
  activity_cutoff: compactU64,
  max_validators: compactU16,
  num_uids: compactU16,
  max_uids: compactU16,
  burn: compactU64,
  difficulty: compactU64,
  registration_allowed: bool,
  pow_registration_allowed: bool,
  immunity_period: compactU16,
  min_difficulty: compactU64,
  max_difficulty: compactU64,
  min_burn: compactU64,
  max_burn: compactU64,
  adjustment_alpha: compactU64,
  adjustment_interval: compactU16,
  target_regs_per_interval: compactU16,
  max_regs_per_block: compactU16,
  serving_rate_limit: compactU64,
  commit_reveal_weights_enabled: bool,
  commit_reveal_period: compactU64,
  liquid_alpha_enabled: bool,
  alpha_high: compactU16,
  alpha_low: compactU16,
  bonds_moving_avg: compactU64,
  hotkeys: vec(accountId),
  coldkeys: vec(accountId),
  identities: vec(option(chainIdentity)),
  axons: vec(axonInfo),
  active: vec(bool),
  validator_permit: vec(bool),
  pruning_score: vec(compactU16),
  last_update: vec(compactU64),
  emission: vec(compactU64),
  dividends: vec(compactU16),
  incentives: vec(compactU16),
  consensus: vec(compactU16),
  trust: vec(compactU16),
  rank: vec(compactU16),
  block_at_registration: vec(compactU64),
  alpha_stake: vec(compactU64),
  tao_stake: vec(compactU64),
  total_stake: vec(compactU64),
  tao_dividends_per_hotkey: vec(tuple(accountId, compactU64)),
  alpha_dividends_per_hotkey: vec(tuple(accountId, compactU64)),
} as const;

/** Codec of {@link MetagraphValue}. */
export const metagraph = struct("pallet_subtensor::rpc_info::metagraph::Metagraph", metagraphFields, accountParameter);
/** A subnet with its settings, and its neurons as columns, one entry per uid. */
export type MetagraphValue = ValueOf<typeof metagraph>;

type OptionalFields<F extends Readonly<Record<string, Codec<unknown>>>> = { readonly [K in keyof F]: Codec<ValueOf<F[K]> | undefined> };

function eachOptional<F extends Readonly<Record<string, Codec<unknown>>>>(fields: F): OptionalFields<F> {
  // Object.entries loses the relation of name and type; the mapped type restates it.
  return Object.fromEntries(Object.entries(fields).map(([name, codec]) => [name, optional(codec)])) as OptionalFields<F>;
}

const { netuid: metagraphNetuid, ...selectable } = metagraphFields;

/** Codec of {@link SelectiveMetagraphValue}. */
export const selectiveMetagraph = struct(
  "pallet_subtensor::rpc_info::metagraph::SelectiveMetagraph",
  {
    netuid: metagraphNetuid,
    ...eachOptional({ ...selectable, validators: vec(compactU16), commitments: vec(tuple(accountId, vec(compactU8))) }),
  },
  accountParameter,
);
/** A metagraph of which only the fields asked for are set. */
export type SelectiveMetagraphValue = ValueOf<typeof selectiveMetagraph>;

/** Names of a selective metagraph's fields by the index that callers ask for them with. */
export const selectiveMetagraphFields: readonly string[] = [...Object.keys(metagraphFields), "validators", "commitments"];

const hyperparameterFields = {
  rho: compactU16,
  kappa: compactU16,
  immunity_period: compactU16,
  min_allowed_weights: compactU16,
  max_weights_limit: compactU16,
  tempo: compactU16,
  min_difficulty: compactU64,
  max_difficulty: compactU64,
  weights_version: compactU64,
  weights_rate_limit: compactU64,
  adjustment_interval: compactU16,
  activity_cutoff: compactU64,
  registration_allowed: bool,
  target_regs_per_interval: compactU16,
  min_burn: compactU64,
  max_burn: compactU64,
  bonds_moving_avg: compactU64,
  max_regs_per_block: compactU16,
  serving_rate_limit: compactU64,
  max_validators: compactU16,
  adjustment_alpha: compactU64,
  difficulty: compactU64,
  commit_reveal_period: compactU64,
  commit_reveal_weights_enabled: bool,
  alpha_high: compactU16,
  alpha_low: compactU16,
  liquid_alpha_enabled: bool,
} as const;

/** Codec of {@link SubnetHyperparams}. */
export const subnetHyperparams = struct("pallet_subtensor::rpc_info::subnet_info::SubnetHyperparams", hyperparameterFields);
/** Codec of {@link SubnetHyperparamsV2}. */
export const subnetHyperparamsV2 = struct("pallet_subtensor::rpc_info::subnet_info::SubnetHyperparamsV2", {
  ...hyperparameterFields,
  alpha_sigmoid_steepness: i32f32,
  yuma_version: compactU16,
  subnet_is_active: bool,
  transfers_enabled: bool,
  bonds_reset_enabled: bool,
  user_liquidity_enabled: bool,
});
/** A subnet's settings, first layout. */
export type SubnetHyperparams = ValueOf<typeof subnetHyperparams>;
/** A subnet's settings, second layout: six more at the end. */
export type SubnetHyperparamsV2 = ValueOf<typeof subnetHyperparamsV2>;

/** Codec of {@link HyperparamValue}. */
export const hyperparamValue = variant("pallet_subtensor::rpc_info::subnet_info::HyperparamValue", {
  Bool: holding(0, [bool]),
  U16: holding(1, [compactU16]),
  U32: holding(2, [compactU32]),
  U64: holding(3, [compactU64]),
  U128: holding(4, [compactU128]),
  TaoBalance: holding(5, [compactU64]),
  I32F32: holding(6, [i32f32]),
  U64F64: holding(7, [u64f64]),
});
/** One setting's value with its type. */
export type HyperparamValue = ValueOf<typeof hyperparamValue>;
/** Codec of {@link HyperparamEntry}. */
export const hyperparamEntry = struct("pallet_subtensor::rpc_info::subnet_info::HyperparamEntry", { name: bytes, value: hyperparamValue });
/** One setting with its name, UTF-8. */
export type HyperparamEntry = ValueOf<typeof hyperparamEntry>;

const neuronLiteHead = {
  hotkey: accountId,
  coldkey: accountId,
  uid: compactU16,
  netuid: compactU16,
  active: bool,
  axon_info: axonInfo,
  prometheus_info: prometheusInfo,
  stake: vec(tuple(accountId, compactU64)),
  rank: compactU16,
  emission: compactU64,
  incentive: compactU16,
  consensus: compactU16,
  trust: compactU16,
  validator_trust: compactU16,
  dividends: compactU16,
  last_update: compactU64,
  validator_permit: bool,
} as const;

/** Codec of {@link NeuronInfoLite}. */
export const neuronInfoLite = struct(
  "pallet_subtensor::rpc_info::neuron_info::NeuronInfoLite",
  { ...neuronLiteHead, pruning_score: compactU16 },
  accountParameter,
);
/** A neuron without its weights and bonds. */
export type NeuronInfoLite = ValueOf<typeof neuronInfoLite>;

/** Codec of {@link NeuronInfo}. */
export const neuronInfo = struct(
  "pallet_subtensor::rpc_info::neuron_info::NeuronInfo",
  {
    ...neuronLiteHead,
    weights: vec(tuple(compactU16, compactU16)),
    bonds: vec(tuple(compactU16, compactU16)),
    pruning_score: compactU16,
  },
  accountParameter,
);
/** A neuron with its weights and bonds, as pairs of uid and value. */
export type NeuronInfo = ValueOf<typeof neuronInfo>;

/** Codec of {@link StakeInfoValue}. */
export const stakeInfo = struct(
  "pallet_subtensor::rpc_info::stake_info::StakeInfo",
  {
    hotkey: accountId,
    coldkey: accountId,
    netuid: compactU16,
    stake: compactU64,
    locked: compactU64,
    emission: compactU64,
    tao_emission: compactU64,
    drain: compactU64,
    is_registered: bool,
  },
  accountParameter,
);
/** What a coldkey has staked to a hotkey on a subnet, in RAO. */
export type StakeInfoValue = ValueOf<typeof stakeInfo>;
