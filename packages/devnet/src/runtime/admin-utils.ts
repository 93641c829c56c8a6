import type { AdminUtilsCall } from "../metadata/pallets/admin-utils.js";
import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { Context, Origin } from "./context.js";
import { adminUtilsFailure, badOrigin } from "./dispatch-failure.js";
import { subnetExists } from "./subnets.js";

/** Calls that the owner of the subnet may make as well as root, as on the chain. */
const ownerCalls: ReadonlySet<AdminUtilsCall["type"]> = new Set([
  "sudo_set_serving_rate_limit",
  "sudo_set_weights_version_key",
  "sudo_set_immunity_period",
  "sudo_set_min_allowed_weights",
  "sudo_set_max_allowed_uids",
  "sudo_set_rho",
  "sudo_set_network_registration_allowed",
  "sudo_set_min_burn",
  "sudo_set_max_burn",
  "sudo_set_bonds_moving_average",
  "sudo_set_bonds_penalty",
  "sudo_set_commit_reveal_weights_enabled",
  "sudo_set_commit_reveal_weights_interval",
  "sudo_set_yuma3_enabled",
  "sudo_set_mechanism_count",
  "sudo_set_burn_half_life",
]);

/**
 * The settings of a subnet, by root or (for most) its owner. Rate limits and the freeze window before an epoch, which the chain puts on owners, are
 * not applied here.
 */
export function setHyperparameter(context: Context, origin: Origin, call: AdminUtilsCall): void {
  const { state } = context;
  ensureAllowed(context, origin, call);
  switch (call.type) {
    case "sudo_set_serving_rate_limit":
      state.put(subtensorStorage.servingRateLimit, [call.value.netuid], call.value.serving_rate_limit);
      return;
    case "sudo_set_weights_version_key":
      state.put(subtensorStorage.weightsVersionKey, [call.value.netuid], call.value.weights_version_key);
      return;
    case "sudo_set_weights_set_rate_limit":
      state.put(subtensorStorage.weightsSetRateLimit, [call.value.netuid], call.value.weights_set_rate_limit);
      return;
    case "sudo_set_immunity_period":
      state.put(subtensorStorage.immunityPeriod, [call.value.netuid], call.value.immunity_period);
      return;
    case "sudo_set_min_allowed_weights":
      state.put(subtensorStorage.minAllowedWeights, [call.value.netuid], call.value.min_allowed_weights);
      return;
    case "sudo_set_max_allowed_uids":
      if (call.value.max_allowed_uids < state.get(subtensorStorage.subnetworkN, call.value.netuid)) {
        throw adminUtilsFailure("MaxAllowedUIdsLessThanCurrentUIds");
      }
      state.put(subtensorStorage.maxAllowedUids, [call.value.netuid], call.value.max_allowed_uids);
      return;
    case "sudo_set_kappa":
      state.put(subtensorStorage.kappa, [call.value.netuid], call.value.kappa);
      return;
    case "sudo_set_rho":
      state.put(subtensorStorage.rho, [call.value.netuid], call.value.rho);
      return;
    case "sudo_set_network_registration_allowed":
      state.put(subtensorStorage.networkRegistrationAllowed, [call.value.netuid], call.value.registration_allowed);
      return;
    case "sudo_set_min_burn":
      state.put(subtensorStorage.minBurn, [call.value.netuid], call.value.min_burn);
      return;
    case "sudo_set_max_burn":
      state.put(subtensorStorage.maxBurn, [call.value.netuid], call.value.max_burn);
      return;
    case "sudo_set_max_allowed_validators":
      if (call.value.max_allowed_validators > state.get(subtensorStorage.maxAllowedUids, call.value.netuid)) {
        throw adminUtilsFailure("MaxValidatorsLargerThanMaxUIds");
      }
      state.put(subtensorStorage.maxAllowedValidators, [call.value.netuid], call.value.max_allowed_validators);
      return;
    case "sudo_set_bonds_moving_average":
      state.put(subtensorStorage.bondsMovingAverage, [call.value.netuid], call.value.bonds_moving_average);
      return;
    case "sudo_set_bonds_penalty":
      state.put(subtensorStorage.bondsPenalty, [call.value.netuid], call.value.bonds_penalty);
      return;
    case "sudo_set_subnet_owner_cut":
      state.put(subtensorStorage.subnetOwnerCut, [], call.value.subnet_owner_cut);
      return;
    case "sudo_set_network_rate_limit":
      state.put(subtensorStorage.networkRateLimit, [], call.value.rate_limit);
      return;
    case "sudo_set_tempo":
      state.put(subtensorStorage.tempo, [call.value.netuid], call.value.tempo);
      return;
    case "sudo_set_stake_threshold":
      state.put(subtensorStorage.stakeThreshold, [], call.value.min_stake);
      return;
    case "sudo_set_commit_reveal_weights_enabled":
      state.put(subtensorStorage.commitRevealWeightsEnabled, [call.value.netuid], call.value.enabled);
      return;
    case "sudo_set_commit_reveal_weights_interval":
      state.put(subtensorStorage.revealPeriodEpochs, [call.value.netuid], call.value.interval);
      return;
    case "sudo_set_yuma3_enabled":
      state.put(subtensorStorage.yuma3On, [call.value.netuid], call.value.enabled);
      return;
    case "sudo_set_subtoken_enabled":
      state.put(subtensorStorage.subtokenEnabled, [call.value.netuid], call.value.subtoken_enabled);
      return;
    case "sudo_set_admin_freeze_window":
      state.put(subtensorStorage.adminFreezeWindow, [], call.value.window);
      return;
    case "sudo_set_mechanism_count":
      if (call.value.mechanism_count < 1 || call.value.mechanism_count > state.get(subtensorStorage.maxMechanismCount)) {
        throw adminUtilsFailure("InvalidValue");
      }
      state.put(subtensorStorage.mechanismCountCurrent, [call.value.netuid], call.value.mechanism_count);
      return;
    case "sudo_set_burn_half_life":
      state.put(subtensorStorage.burnHalfLife, [call.value.netuid], call.value.burn_half_life);
      return;
    case "sudo_set_tx_rate_limit":
      state.put(subtensorStorage.txRateLimit, [], call.value.tx_rate_limit);
      return;
  }
}

function ensureAllowed({ state }: Context, origin: Origin, call: AdminUtilsCall): void {
  const netuid = "netuid" in call.value ? call.value.netuid : null;
  if (origin.kind !== "root") {
    const isOwner = origin.kind === "signed" && netuid !== null && state.get(subtensorStorage.subnetOwner, netuid) === origin.account;
    if (!isOwner || !ownerCalls.has(call.type)) throw badOrigin();
  }
  if (netuid !== null && !subnetExists(state, netuid)) throw adminUtilsFailure("SubnetDoesNotExist");
}
