import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { AccountId } from "../metadata/types/common.js";
import type { State } from "../storage/state.js";
import { ensure } from "./dispatch-failure.js";

/** The root subnet, where stake is TAO itself and which has no weights of its own. */
export const ROOT_NETUID = 0;

/** Netuids per mechanism in a storage index. */
const MECHANISM_STRIDE = 4096;

/** True for a subnet that was created, root included. */
export function subnetExists(state: State, netuid: number): boolean {
  return state.get(subtensorStorage.networksAdded, netuid);
}

/** Every subnet in order of netuid, without root. */
export function listSubnets(state: State): readonly number[] {
  return state
    .entries(subtensorStorage.networksAdded)
    .filter(([, isAdded]) => isAdded)
    .map(([[netuid]]) => netuid)
    .filter((netuid) => netuid !== ROOT_NETUID)
    .sort((left, right) => left - right);
}

/** The key of storage that every mechanism of a subnet has for itself; mechanism 0 has the netuid's own. */
export function storageIndex(netuid: number, mechanism: number): number {
  return mechanism * MECHANISM_STRIDE + netuid;
}

/** Fails with `MechanismDoesNotExist` for an unknown subnet or mechanism. */
export function ensureMechanismExists(state: State, netuid: number, mechanism: number): void {
  ensure(subnetExists(state, netuid), "MechanismDoesNotExist");
  ensure(mechanism < state.get(subtensorStorage.mechanismCountCurrent, netuid), "MechanismDoesNotExist");
}

/** The uid of a hotkey on a subnet, `null` when it is not registered. */
export function uidOf(state: State, netuid: number, hotkey: AccountId): number | null {
  return state.get(subtensorStorage.uids, netuid, hotkey);
}

/** The uid of the owner's hotkey, `null` without one. */
export function ownerUid(state: State, netuid: number): number | null {
  if (!state.has(subtensorStorage.subnetOwnerHotkey, netuid)) return null;
  return uidOf(state, netuid, state.get(subtensorStorage.subnetOwnerHotkey, netuid));
}

/** Hotkeys in order of uid. */
export function listHotkeys(state: State, netuid: number): readonly AccountId[] {
  const count = state.get(subtensorStorage.subnetworkN, netuid);
  return Array.from({ length: count }, (_, uid) => state.get(subtensorStorage.keys, netuid, uid));
}

/** Sets one element of a list; a list that is too short stays as it is. */
export function replaceAt<T>(list: readonly T[], index: number, value: T): readonly T[] {
  return list.map((item, at) => (at === index ? value : item));
}

/** Records the block of a neuron's last weights or commit, making the list longer when the uid is new. */
export function setLastUpdate(state: State, index: number, uid: number, block: number): void {
  const updates = [...state.get(subtensorStorage.lastUpdate, index)];
  while (updates.length <= uid) updates.push(0n);
  updates[uid] = BigInt(block);
  state.put(subtensorStorage.lastUpdate, [index], updates);
}
