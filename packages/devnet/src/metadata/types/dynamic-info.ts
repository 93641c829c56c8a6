import type { ValueOf } from "../../scale/codec.js";
import { option, vec } from "../../scale/collections.js";
import { compactU8, compactU16, compactU64, compactU128 } from "../../scale/primitives.js";
import { struct } from "../../scale/records.js";
import { accountId, i96f32 } from "./common.js";
import { subnetIdentity } from "./subtensor.js";

/** A subnet and its pool, without its neurons. */
export const dynamicInfo = struct(
  "pallet_subtensor::rpc_info::dynamic_info::DynamicInfo",
  {
    netuid: compactU16,
    owner_hotkey: accountId,
    owner_coldkey: accountId,
    subnet_name: vec(compactU8),
    token_symbol: vec(compactU8),
    tempo: compactU16,
    last_step: compactU64,
    blocks_since_last_step: compactU64,
    emission: compactU64,
    alpha_in: compactU64,
    alpha_out: compactU64,
    tao_in: compactU64,
    alpha_out_emission: compactU64,
    alpha_in_emission: compactU64,
    tao_in_emission: compactU64,
    pending_alpha_emission: compactU64,
    pending_root_emission: compactU64,
    subnet_volume: compactU128,
    network_registered_at: compactU64,
    subnet_identity: option(subnetIdentity),
    moving_price: i96f32,
  },
  [{ name: "AccountId", codec: accountId }],
);
/** A subnet's pool, emission and identity. */
export type DynamicInfoValue = ValueOf<typeof dynamicInfo>;
