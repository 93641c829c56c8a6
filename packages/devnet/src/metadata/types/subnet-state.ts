import type { ValueOf } from "../../scale/codec.js";
import { vec } from "../../scale/collections.js";
import { bool, compactU16, compactU64 } from "../../scale/primitives.js";
import { struct } from "../../scale/records.js";
import { accountId } from "./common.js";

/** The neurons of a subnet as columns, one entry a uid. */
export const subnetState = struct(
  "pallet_subtensor::rpc_info::show_subnet::SubnetState",
  {
    netuid: compactU16,
    hotkeys: vec(accountId),
    coldkeys: vec(accountId),
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
    emission_history: vec(vec(compactU64)),
  },
  [{ name: "AccountId", codec: accountId }],
);
/** A subnet's neurons as columns, one entry per uid. */
export type SubnetStateValue = ValueOf<typeof subnetState>;
