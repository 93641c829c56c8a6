import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { AccountId } from "../metadata/types/common.js";
import type { State } from "../storage/state.js";
import { freeBalance, withdraw } from "./accounts.js";
import type { Context } from "./context.js";
import { ensure } from "./dispatch-failure.js";
import { appendNeuron, replaceNeuron, uidToPrune } from "./neurons.js";
import { buyAlpha } from "./pool.js";
import { createHotkey } from "./staking.js";
import { ROOT_NETUID, subnetExists, uidOf } from "./subnets.js";

/** Who registers what where. */
export type RegistrationRequest = { readonly coldkey: AccountId; readonly hotkey: AccountId; readonly netuid: number };

/** `burned_register` and `register`: pays the burn of the subnet and takes a uid, by pruning when it is full. */
export function register(context: Context, request: RegistrationRequest): void {
  const { state, blockNumber } = context;
  const { coldkey, hotkey, netuid } = request;
  ensure(netuid !== ROOT_NETUID, "RegistrationNotPermittedOnRootSubnet");
  ensure(subnetExists(state, netuid), "SubnetNotExists");
  ensure(state.get(subtensorStorage.networkRegistrationAllowed, netuid), "SubNetRegistrationDisabled");
  ensure(uidOf(state, netuid, hotkey) === null, "HotKeyAlreadyRegisteredInSubNet");
  const burnRao = state.get(subtensorStorage.burn, netuid);
  ensure(freeBalance(context, coldkey) >= burnRao, "NotEnoughBalanceToStake");
  createHotkey(state, coldkey, hotkey);
  ensure(state.get(subtensorStorage.owner, hotkey) === coldkey, "NonAssociatedColdKey");
  const seats = state.get(subtensorStorage.maxAllowedUids, netuid);
  ensure(seats !== 0, "NoNeuronIdAvailable");
  const isFull = state.get(subtensorStorage.subnetworkN, netuid) >= seats;
  const pruned = isFull ? uidToPrune(state, netuid, blockNumber) : null;
  ensure(!isFull || pruned !== null, "NoNeuronIdAvailable");

  withdraw(context, coldkey, burnRao);
  const burnedAlpha = buyAlpha(state, netuid, burnRao);
  const outstanding = state.get(subtensorStorage.subnetAlphaOut, netuid);
  state.put(subtensorStorage.subnetAlphaOut, [netuid], outstanding > burnedAlpha ? outstanding - burnedAlpha : 0n);

  const uid = pruned ?? appendNeuron(state, netuid, hotkey, blockNumber);
  if (pruned !== null) replaceNeuron(state, { netuid, uid, hotkey, blockNumber });
  raiseBurn(state, netuid);
  state.put(subtensorStorage.registrationsThisBlock, [netuid], state.get(subtensorStorage.registrationsThisBlock, netuid) + 1);
  const recycled = state.get(subtensorStorage.rAORecycledForRegistration, netuid);
  state.put(subtensorStorage.rAORecycledForRegistration, [netuid], recycled + burnRao);
  context.emit({ type: "SubtensorModule", value: [{ type: "NeuronRegistered", value: [netuid, uid, hotkey] }] });
}

/** `register_limit`: registers unless the burn is above the limit. */
export function registerWithLimit(context: Context, request: RegistrationRequest, limitRao: bigint): void {
  const { state } = context;
  ensure(request.netuid !== ROOT_NETUID, "RegistrationNotPermittedOnRootSubnet");
  ensure(subnetExists(state, request.netuid), "SubnetNotExists");
  ensure(state.get(subtensorStorage.burn, request.netuid) <= limitRao, "RegistrationPriceLimitExceeded");
  register(context, request);
}

function clampBurn(state: State, netuid: number, burnRao: bigint): bigint {
  const minimumRao = state.get(subtensorStorage.minBurn, netuid);
  const maximumRao = state.get(subtensorStorage.maxBurn, netuid);
  if (burnRao > maximumRao) return maximumRao;
  return burnRao < minimumRao ? minimumRao : burnRao;
}

function raiseBurn(state: State, netuid: number): void {
  const one = 1n << 64n;
  const stored = state.get(subtensorStorage.burnIncreaseMult, netuid).bits;
  const multiplier = stored > one ? stored : one;
  const raised = (state.get(subtensorStorage.burn, netuid) * multiplier) >> 64n;
  state.put(subtensorStorage.burn, [netuid], clampBurn(state, netuid, raised));
}

const oneQ32 = 1n << 32n;

function powerQ32(base: bigint, exponent: number): bigint {
  let result = oneQ32;
  let factor = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = (result * factor) >> 32n;
    factor = (factor * factor) >> 32n;
  }
  return result;
}

const decayFactors = new Map<number, bigint>();

/**
 * The factor, as 32 bits after the point, which applied every block halves a price in `halfLifeBlocks`: the largest whose power is at most a half.
 *
 * Search and rounding: pallets/subtensor/src/utils/misc.rs `decay_factor_q32`.
 */
export function decayFactorQ32(halfLifeBlocks: number): bigint {
  if (halfLifeBlocks === 0) return oneQ32;
  const known = decayFactors.get(halfLifeBlocks);
  if (known !== undefined) return known;
  let low = 0n;
  let high = oneQ32;
  while (low + 1n < high) {
    const middle = low + (high - low) / 2n;
    if (powerQ32(middle, halfLifeBlocks) > oneQ32 / 2n) high = middle;
    else low = middle;
  }
  decayFactors.set(halfLifeBlocks, low);
  return low;
}

/** What every block does to the prices of registration: they decay towards the minimum. */
export function decayBurns(context: Context, netuids: readonly number[]): void {
  const { state, blockNumber } = context;
  for (const netuid of netuids) {
    const burnRao = state.get(subtensorStorage.burn, netuid);
    const halfLife = state.get(subtensorStorage.burnHalfLife, netuid);
    const decayed = halfLife > 0 && blockNumber > 1 ? (burnRao * decayFactorQ32(halfLife)) >> 32n : burnRao;
    const next = clampBurn(state, netuid, decayed);
    if (next !== burnRao) state.put(subtensorStorage.burn, [netuid], next);
    if (state.get(subtensorStorage.registrationsThisBlock, netuid) !== 0) state.put(subtensorStorage.registrationsThisBlock, [netuid], 0);
  }
}
