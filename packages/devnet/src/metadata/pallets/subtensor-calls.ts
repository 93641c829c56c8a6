import type { ValueOf } from "../../scale/codec.js";
import { boundedBytes, bytes, tuple, vec } from "../../scale/collections.js";
import { bool, compactU16, compactU64, u8, u16, u32, u64, u128 } from "../../scale/primitives.js";
import { holding, variant } from "../../scale/records.js";
import { accountId, hash256 } from "../types/common.js";

/** Largest timelocked commit that the chain takes, in bytes. */
export const MAX_TIMELOCK_COMMIT_BYTES = 5000;

/** The calls of SubtensorModule that this node runs; names, indices and arguments are the chain's. */
export const subtensorCall = variant(
  "pallet_subtensor::pallet::Call",
  {
    set_weights: holding(0, { netuid: u16, dests: vec(u16), weights: vec(u16), version_key: u64 }),
    set_mechanism_weights: holding(119, { netuid: u16, mecid: u8, dests: vec(u16), weights: vec(u16), version_key: u64 }),
    batch_set_weights: holding(80, {
      netuids: vec(compactU16),
      weights: vec(vec(tuple(compactU16, compactU16))),
      version_keys: vec(compactU64),
    }),
    commit_weights: holding(96, { netuid: u16, commit_hash: hash256 }),
    commit_mechanism_weights: holding(115, { netuid: u16, mecid: u8, commit_hash: hash256 }),
    batch_commit_weights: holding(100, { netuids: vec(compactU16), commit_hashes: vec(hash256) }),
    reveal_weights: holding(97, { netuid: u16, uids: vec(u16), values: vec(u16), salt: vec(u16), version_key: u64 }),
    reveal_mechanism_weights: holding(116, { netuid: u16, mecid: u8, uids: vec(u16), values: vec(u16), salt: vec(u16), version_key: u64 }),
    commit_crv3_mechanism_weights: holding(117, {
      netuid: u16,
      mecid: u8,
      commit: boundedBytes(MAX_TIMELOCK_COMMIT_BYTES),
      reveal_round: u64,
    }),
    batch_reveal_weights: holding(98, {
      netuid: u16,
      uids_list: vec(vec(u16)),
      values_list: vec(vec(u16)),
      salts_list: vec(vec(u16)),
      version_keys: vec(u64),
    }),
    add_stake: holding(2, { hotkey: accountId, netuid: u16, amount_staked: u64 }),
    remove_stake: holding(3, { hotkey: accountId, netuid: u16, amount_unstaked: u64 }),
    serve_axon: holding(4, {
      netuid: u16,
      version: u32,
      ip: u128,
      port: u16,
      ip_type: u8,
      protocol: u8,
      placeholder1: u8,
      placeholder2: u8,
    }),
    serve_axon_tls: holding(40, {
      netuid: u16,
      version: u32,
      ip: u128,
      port: u16,
      ip_type: u8,
      protocol: u8,
      placeholder1: u8,
      placeholder2: u8,
      certificate: bytes,
    }),
    serve_prometheus: holding(5, { netuid: u16, version: u32, ip: u128, port: u16, ip_type: u8 }),
    register: holding(6, { netuid: u16, block_number: u64, nonce: u64, work: bytes, hotkey: accountId, coldkey: accountId }),
    root_register: holding(62, { hotkey: accountId }),
    burned_register: holding(7, { netuid: u16, hotkey: accountId }),
    register_network: holding(59, { hotkey: accountId }),
    add_stake_limit: holding(88, { hotkey: accountId, netuid: u16, amount_staked: u64, limit_price: u64, allow_partial: bool }),
    start_call: holding(92, { netuid: u16 }),
    commit_timelocked_weights: holding(113, {
      netuid: u16,
      commit: boundedBytes(MAX_TIMELOCK_COMMIT_BYTES),
      reveal_round: u64,
      commit_reveal_version: u16,
    }),
    commit_timelocked_mechanism_weights: holding(118, {
      netuid: u16,
      mecid: u8,
      commit: boundedBytes(MAX_TIMELOCK_COMMIT_BYTES),
      reveal_round: u64,
      commit_reveal_version: u16,
    }),
    register_limit: holding(134, { netuid: u16, hotkey: accountId, limit_price: u64 }),
    set_tempo: holding(139, { netuid: u16, tempo: u16 }),
    set_activity_cutoff_factor: holding(140, { netuid: u16, factor_milli: u32 }),
    trigger_epoch: holding(141, { netuid: u16 }),
  },
  [{ name: "T", codec: null }],
);
/** A call of SubtensorModule: its name and its arguments. */
export type SubtensorCall = ValueOf<typeof subtensorCall>;
