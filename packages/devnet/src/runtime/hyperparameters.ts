import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { HyperparamEntry, HyperparamValue, SubnetHyperparams, SubnetHyperparamsV2 } from "../metadata/types/subtensor.js";
import type { State } from "../storage/state.js";
import { activityCutoffBlocks } from "./epoch-clock.js";
import { subnetExists } from "./subnets.js";

const u16Maximum = 65_535;

/** The hyperparameters of a subnet in their first form, `null` for an unknown subnet. */
export function readHyperparams(state: State, netuid: number): SubnetHyperparams | null {
  if (!subnetExists(state, netuid)) return null;
  const [alphaLow, alphaHigh] = state.get(subtensorStorage.alphaValues, netuid);
  return {
    rho: state.get(subtensorStorage.rho, netuid),
    kappa: state.get(subtensorStorage.kappa, netuid),
    immunity_period: state.get(subtensorStorage.immunityPeriod, netuid),
    min_allowed_weights: state.get(subtensorStorage.minAllowedWeights, netuid),
    max_weights_limit: u16Maximum,
    tempo: state.get(subtensorStorage.tempo, netuid),
    min_difficulty: state.get(subtensorStorage.minDifficulty, netuid),
    max_difficulty: state.get(subtensorStorage.maxDifficulty, netuid),
    weights_version: state.get(subtensorStorage.weightsVersionKey, netuid),
    weights_rate_limit: state.get(subtensorStorage.weightsSetRateLimit, netuid),
    adjustment_interval: state.get(subtensorStorage.adjustmentInterval, netuid),
    activity_cutoff: activityCutoffBlocks(state, netuid),
    registration_allowed: state.get(subtensorStorage.networkRegistrationAllowed, netuid),
    target_regs_per_interval: state.get(subtensorStorage.targetRegistrationsPerInterval, netuid),
    min_burn: state.get(subtensorStorage.minBurn, netuid),
    max_burn: state.get(subtensorStorage.maxBurn, netuid),
    bonds_moving_avg: state.get(subtensorStorage.bondsMovingAverage, netuid),
    max_regs_per_block: state.get(subtensorStorage.maxRegistrationsPerBlock, netuid),
    serving_rate_limit: state.get(subtensorStorage.servingRateLimit, netuid),
    max_validators: state.get(subtensorStorage.maxAllowedValidators, netuid),
    adjustment_alpha: state.get(subtensorStorage.adjustmentAlpha, netuid),
    difficulty: state.get(subtensorStorage.difficulty, netuid),
    commit_reveal_period: state.get(subtensorStorage.revealPeriodEpochs, netuid),
    commit_reveal_weights_enabled: state.get(subtensorStorage.commitRevealWeightsEnabled, netuid),
    alpha_high: alphaHigh,
    alpha_low: alphaLow,
    liquid_alpha_enabled: state.get(subtensorStorage.liquidAlphaOn, netuid),
  };
}

/** The same with what was added in the second form. */
export function readHyperparamsV2(state: State, netuid: number): SubnetHyperparamsV2 | null {
  const first = readHyperparams(state, netuid);
  if (first === null) return null;
  return {
    ...first,
    alpha_sigmoid_steepness: { bits: BigInt(state.get(subtensorStorage.alphaSigmoidSteepness, netuid)) << 32n },
    yuma_version: state.get(subtensorStorage.yuma3On, netuid) ? 3 : 2,
    subnet_is_active: state.get(subtensorStorage.subtokenEnabled, netuid),
    transfers_enabled: state.get(subtensorStorage.transferToggle, netuid),
    bonds_reset_enabled: state.get(subtensorStorage.bondsResetOn, netuid),
    user_liquidity_enabled: false,
  };
}

/** The hyperparameters as a list of names and typed values, the third form: names and order of spec 425. */
export function readHyperparamsV3(state: State, netuid: number): readonly HyperparamEntry[] | null {
  const all = readHyperparamsV2(state, netuid);
  if (all === null) return null;
  const values: readonly (readonly [string, HyperparamValue])[] = [
    ["kappa", { type: "U16", value: [all.kappa] }],
    ["immunity_period", { type: "U16", value: [all.immunity_period] }],
    ["min_allowed_weights", { type: "U16", value: [all.min_allowed_weights] }],
    ["max_weights_limit", { type: "U16", value: [all.max_weights_limit] }],
    ["tempo", { type: "U16", value: [all.tempo] }],
    ["weights_version", { type: "U64", value: [all.weights_version] }],
    ["weights_rate_limit", { type: "U64", value: [all.weights_rate_limit] }],
    ["activity_cutoff", { type: "U64", value: [all.activity_cutoff] }],
    ["activity_cutoff_factor", { type: "U32", value: [state.get(subtensorStorage.activityCutoffFactorMilli, netuid)] }],
    ["registration_allowed", { type: "Bool", value: [all.registration_allowed] }],
    ["target_regs_per_interval", { type: "U16", value: [all.target_regs_per_interval] }],
    ["min_burn", { type: "TaoBalance", value: [all.min_burn] }],
    ["max_burn", { type: "TaoBalance", value: [all.max_burn] }],
    ["burn_half_life", { type: "U16", value: [state.get(subtensorStorage.burnHalfLife, netuid)] }],
    ["burn_increase_mult", { type: "U64F64", value: [state.get(subtensorStorage.burnIncreaseMult, netuid)] }],
    ["bonds_moving_avg", { type: "U64", value: [all.bonds_moving_avg] }],
    ["max_regs_per_block", { type: "U16", value: [all.max_regs_per_block] }],
    ["serving_rate_limit", { type: "U64", value: [all.serving_rate_limit] }],
    ["max_validators", { type: "U16", value: [all.max_validators] }],
    ["commit_reveal_period", { type: "U64", value: [all.commit_reveal_period] }],
    ["commit_reveal_weights_enabled", { type: "Bool", value: [all.commit_reveal_weights_enabled] }],
    ["alpha_high", { type: "U16", value: [all.alpha_high] }],
    ["alpha_low", { type: "U16", value: [all.alpha_low] }],
    ["liquid_alpha_enabled", { type: "Bool", value: [all.liquid_alpha_enabled] }],
    ["alpha_sigmoid_steepness", { type: "I32F32", value: [all.alpha_sigmoid_steepness] }],
    ["yuma_version", { type: "U16", value: [all.yuma_version] }],
    ["subnet_is_active", { type: "Bool", value: [all.subnet_is_active] }],
    ["transfers_enabled", { type: "Bool", value: [all.transfers_enabled] }],
    ["bonds_reset_enabled", { type: "Bool", value: [all.bonds_reset_enabled] }],
    ["user_liquidity_enabled", { type: "Bool", value: [all.user_liquidity_enabled] }],
    ["owner_cut_enabled", { type: "Bool", value: [state.get(subtensorStorage.ownerCutEnabled, netuid)] }],
  ];
  const text = new TextEncoder();
  return values.map(([name, value]) => ({ name: text.encode(name), value }));
}
