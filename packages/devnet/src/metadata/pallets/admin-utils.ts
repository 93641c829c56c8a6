import type { ValueOf } from "../../scale/codec.js";
import { bool, u8, u16, u64 } from "../../scale/primitives.js";
import { holding, unitVariant, variant } from "../../scale/records.js";

/** The calls of AdminUtils that this node runs: the settings of a subnet. */
export const adminUtilsCall = variant(
  "pallet_admin_utils::pallet::Call",
  {
    sudo_set_tx_rate_limit: holding(2, { tx_rate_limit: u64 }),
    sudo_set_serving_rate_limit: holding(3, { netuid: u16, serving_rate_limit: u64 }),
    sudo_set_weights_version_key: holding(6, { netuid: u16, weights_version_key: u64 }),
    sudo_set_weights_set_rate_limit: holding(7, { netuid: u16, weights_set_rate_limit: u64 }),
    sudo_set_immunity_period: holding(13, { netuid: u16, immunity_period: u16 }),
    sudo_set_min_allowed_weights: holding(14, { netuid: u16, min_allowed_weights: u16 }),
    sudo_set_max_allowed_uids: holding(15, { netuid: u16, max_allowed_uids: u16 }),
    sudo_set_kappa: holding(16, { netuid: u16, kappa: u16 }),
    sudo_set_rho: holding(17, { netuid: u16, rho: u16 }),
    sudo_set_network_registration_allowed: holding(19, { netuid: u16, registration_allowed: bool }),
    sudo_set_min_burn: holding(22, { netuid: u16, min_burn: u64 }),
    sudo_set_max_burn: holding(23, { netuid: u16, max_burn: u64 }),
    sudo_set_max_allowed_validators: holding(25, { netuid: u16, max_allowed_validators: u16 }),
    sudo_set_bonds_moving_average: holding(26, { netuid: u16, bonds_moving_average: u64 }),
    sudo_set_bonds_penalty: holding(60, { netuid: u16, bonds_penalty: u16 }),
    sudo_set_subnet_owner_cut: holding(28, { subnet_owner_cut: u16 }),
    sudo_set_network_rate_limit: holding(29, { rate_limit: u64 }),
    sudo_set_tempo: holding(30, { netuid: u16, tempo: u16 }),
    sudo_set_stake_threshold: holding(42, { min_stake: u64 }),
    sudo_set_commit_reveal_weights_enabled: holding(49, { netuid: u16, enabled: bool }),
    sudo_set_commit_reveal_weights_interval: holding(57, { netuid: u16, interval: u64 }),
    sudo_set_yuma3_enabled: holding(69, { netuid: u16, enabled: bool }),
    sudo_set_subtoken_enabled: holding(66, { netuid: u16, subtoken_enabled: bool }),
    sudo_set_admin_freeze_window: holding(74, { window: u16 }),
    sudo_set_mechanism_count: holding(76, { netuid: u16, mechanism_count: u8 }),
    sudo_set_burn_half_life: holding(89, { netuid: u16, burn_half_life: u16 }),
  },
  [{ name: "T", codec: null }],
);
/** A call of AdminUtils: its name and its arguments. */
export type AdminUtilsCall = ValueOf<typeof adminUtilsCall>;

/** Errors of AdminUtils by name; the position is the error's index. */
export const adminUtilsErrorNames = [
  "SubnetDoesNotExist",
  "MaxValidatorsLargerThanMaxUIds",
  "MaxAllowedUIdsLessThanCurrentUIds",
  "BondsMovingAverageMaxReached",
  "NegativeSigmoidSteepness",
  "ValueNotInBounds",
  "MinAllowedUidsGreaterThanCurrentUids",
  "MinAllowedUidsGreaterThanMaxAllowedUids",
  "MaxAllowedUidsLessThanMinAllowedUids",
  "MaxAllowedUidsGreaterThanDefaultMaxAllowedUids",
  "InvalidValue",
  "NotPermittedOnRootSubnet",
  "POWRegistrationDisabled",
  "Deprecated",
] as const;
/** The error enum of AdminUtils as the metadata describes it. */
export const adminUtilsError = unitVariant("pallet_admin_utils::pallet::Error", adminUtilsErrorNames, [{ name: "T", codec: null }]);
