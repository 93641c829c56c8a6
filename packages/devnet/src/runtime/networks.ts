import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { AccountId } from "../metadata/types/common.js";
import type { State } from "../storage/state.js";
import { freeBalance, withdraw } from "./accounts.js";
import type { Context, Origin } from "./context.js";
import { badOrigin, ensure } from "./dispatch-failure.js";
import { appendNeuron } from "./neurons.js";
import { createHotkey, hotkeyExists } from "./staking.js";
import { listSubnets, subnetExists } from "./subnets.js";

const networkLastRegistered = { type: "NetworkLastRegistered", value: [] } as const;

/** RAO that creating a subnet locks: twice the last lock, sinking to the minimum with the blocks since. */
export function networkLockCost(state: State, blockNumber: number): bigint {
  const lastLock = state.get(subtensorStorage.networkLastLockCost);
  const minimum = state.get(subtensorStorage.networkMinLockCost);
  const lastBlock = state.get(subtensorStorage.lastRateLimitedBlock, networkLastRegistered);
  const interval = state.get(subtensorStorage.networkLockReductionInterval);
  const start = lastLock * (lastBlock === 0n ? 1n : 2n);
  const reduction = interval === 0n ? 0n : (lastLock / interval) * (BigInt(blockNumber) - lastBlock);
  const cost = start > reduction ? start - reduction : 0n;
  return cost < minimum ? minimum : cost;
}

/** True when subnets may be created again after the last one. */
export function passesNetworkRate({ state, blockNumber }: Pick<Context, "state" | "blockNumber">): boolean {
  const lastBlock = state.get(subtensorStorage.lastRateLimitedBlock, networkLastRegistered);
  return lastBlock === 0n || BigInt(blockNumber) - lastBlock >= state.get(subtensorStorage.networkRateLimit);
}

/** Writes the storage of a new, empty subnet with the defaults of the chain. */
export function initialiseSubnet(state: State, netuid: number, options: { readonly tempo: number; readonly blockNumber: number }): void {
  const { tempo, blockNumber } = options;
  state.put(subtensorStorage.subnetworkN, [netuid], 0);
  state.put(subtensorStorage.networksAdded, [netuid], true);
  state.put(subtensorStorage.tempo, [netuid], tempo);
  const stagger = netuid % Math.max(tempo, 1);
  state.put(subtensorStorage.lastEpochBlock, [netuid], BigInt(Math.max(blockNumber - stagger, 0)));
  state.put(subtensorStorage.totalNetworks, [], state.get(subtensorStorage.totalNetworks) + 1);
  state.put(subtensorStorage.networkRegistrationAllowed, [netuid], true);
  state.put(subtensorStorage.maxAllowedUids, [netuid], 256);
  state.put(subtensorStorage.maxAllowedValidators, [netuid], 64);
  state.put(subtensorStorage.minAllowedWeights, [netuid], 1);
  state.put(subtensorStorage.immunityPeriod, [netuid], 5000);
  state.put(subtensorStorage.yuma3On, [netuid], true);
  state.put(subtensorStorage.burn, [netuid], 100_000_000n);
  state.put(subtensorStorage.networkRegisteredAt, [netuid], BigInt(blockNumber));
}

/** `register_network`: a new subnet, its creator's hotkey on uid 0. A full chain refuses; this node prunes no subnets. */
export function registerNetwork(context: Context, coldkey: AccountId, hotkey: AccountId): void {
  const { state, blockNumber } = context;
  ensure(!hotkeyExists(state, hotkey) || state.get(subtensorStorage.owner, hotkey) === coldkey, "NonAssociatedColdKey");
  ensure(BigInt(blockNumber) >= state.get(subtensorStorage.networkRegistrationStartBlock), "SubNetRegistrationDisabled");
  ensure(passesNetworkRate(context), "NetworkTxRateLimitExceeded");
  const existing = listSubnets(state);
  ensure(existing.length < state.get(subtensorStorage.subnetLimit), "SubnetLimitReached");
  const lockRao = networkLockCost(state, blockNumber);
  ensure(freeBalance(context, coldkey) >= lockRao, "CannotAffordLockCost");
  withdraw(context, coldkey, lockRao);
  state.put(subtensorStorage.networkLastLockCost, [], lockRao);
  state.put(subtensorStorage.lastRateLimitedBlock, [networkLastRegistered], BigInt(blockNumber));

  const netuid = firstFree(existing);
  initialiseSubnet(state, netuid, { tempo: 360, blockNumber });
  createHotkey(state, coldkey, hotkey);
  appendNeuron(state, netuid, hotkey, blockNumber);
  state.put(subtensorStorage.subnetMechanism, [netuid], 1);
  state.put(subtensorStorage.subnetTAO, [netuid], lockRao);
  state.put(subtensorStorage.subnetAlphaIn, [netuid], lockRao);
  state.put(subtensorStorage.subnetOwner, [netuid], coldkey);
  state.put(subtensorStorage.subnetOwnerHotkey, [netuid], hotkey);
  state.put(subtensorStorage.subnetLocked, [netuid], lockRao);
  context.emit({ type: "SubtensorModule", value: [{ type: "NetworkAdded", value: [netuid, 1] }] });
}

function firstFree(netuids: readonly number[]): number {
  let candidate = 1;
  while (netuids.includes(candidate)) candidate += 1;
  return candidate;
}

/** Fails unless the call comes from the owner of the subnet. */
export function ensureOwner(state: State, netuid: number, origin: Origin): void {
  if (origin.kind !== "signed" || state.get(subtensorStorage.subnetOwner, netuid) !== origin.account) throw badOrigin();
}

/** `start_call`: lets the subnet's alpha be traded and paid out from the next block on. */
export function startSubnet(context: Context, netuid: number, origin: Origin): void {
  const { state, blockNumber } = context;
  ensure(subnetExists(state, netuid), "SubnetNotExists");
  ensureOwner(state, netuid, origin);
  ensure(state.get(subtensorStorage.firstEmissionBlockNumber, netuid) === null, "FirstEmissionBlockNumberAlreadySet");
  const earliest = state.get(subtensorStorage.networkRegisteredAt, netuid) + state.get(subtensorStorage.startCallDelay);
  ensure(BigInt(blockNumber) >= earliest, "NeedWaitingMoreBlocksToStarCall");
  const next = BigInt(blockNumber + 1);
  state.put(subtensorStorage.firstEmissionBlockNumber, [netuid], next);
  state.put(subtensorStorage.subtokenEnabled, [netuid], true);
  context.emit({ type: "SubtensorModule", value: [{ type: "FirstEmissionBlockNumberSet", value: [netuid, next] }] });
}
