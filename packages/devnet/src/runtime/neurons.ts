import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { AccountId } from "../metadata/types/common.js";
import type { State } from "../storage/state.js";
import { listHotkeys, replaceAt, setLastUpdate, storageIndex } from "./subnets.js";

/** Hotkeys of the owner that cannot be pruned: the subnet's own first, then by age, as many as the subnet allows. */
function immortalUids(state: State, netuid: number): ReadonlySet<number> {
  const owner = state.get(subtensorStorage.subnetOwner, netuid);
  const limit = state.get(subtensorStorage.immuneOwnerUidsLimit, netuid);
  const owned = state
    .get(subtensorStorage.ownedHotkeys, owner)
    .flatMap((hotkey) => {
      const uid = state.get(subtensorStorage.uids, netuid, hotkey);
      return uid === null ? [] : [{ uid, block: state.get(subtensorStorage.blockAtRegistration, netuid, uid) }];
    })
    .sort((left, right) => Number(left.block - right.block) || left.uid - right.uid)
    .slice(0, limit)
    .map(({ uid }) => uid);
  const own = state.has(subtensorStorage.subnetOwnerHotkey, netuid)
    ? state.get(subtensorStorage.uids, netuid, state.get(subtensorStorage.subnetOwnerHotkey, netuid))
    : null;
  const ordered = own === null || owned.includes(own) ? owned : [own, ...owned];
  return new Set(ordered.slice(0, limit));
}

/** A neuron as pruning compares it: by emission, then by age, then by uid. */
type Candidate = { readonly uid: number; readonly emissionRao: bigint; readonly registeredAtBlock: bigint };

function isWorse(left: Candidate, right: Candidate): boolean {
  if (left.emissionRao !== right.emissionRao) return left.emissionRao < right.emissionRao;
  if (left.registeredAtBlock !== right.registeredAtBlock) return left.registeredAtBlock < right.registeredAtBlock;
  return left.uid < right.uid;
}

/**
 * The uid that the next registration on a full subnet takes: the lowest emission among those past their immunity, then the oldest, then the
 * lowest uid. With too few of those, one from the immune; `null` when only immortal ones are left.
 */
export function uidToPrune(state: State, netuid: number, blockNumber: number): number | null {
  const immortal = immortalUids(state, netuid);
  const emission = state.get(subtensorStorage.emission, netuid);
  const immunityBlocks = BigInt(state.get(subtensorStorage.immunityPeriod, netuid));
  let worstFree: Candidate | null = null;
  let worstImmune: Candidate | null = null;
  let freeCount = 0;
  for (const uid of listHotkeys(state, netuid).keys()) {
    if (immortal.has(uid)) continue;
    const registeredAtBlock = state.get(subtensorStorage.blockAtRegistration, netuid, uid);
    const candidate = { uid, emissionRao: emission[uid] ?? 0n, registeredAtBlock };
    if (BigInt(blockNumber) - registeredAtBlock < immunityBlocks) {
      if (worstImmune === null || isWorse(candidate, worstImmune)) worstImmune = candidate;
    } else {
      freeCount += 1;
      if (worstFree === null || isWorse(candidate, worstFree)) worstFree = candidate;
    }
  }
  const canTakeFree = freeCount > state.get(subtensorStorage.minNonImmuneUids, netuid);
  return (canTakeFree && worstFree !== null ? worstFree : worstImmune)?.uid ?? null;
}

function mechanismIndices(state: State, netuid: number): readonly number[] {
  const count = state.get(subtensorStorage.mechanismCountCurrent, netuid);
  return Array.from({ length: count }, (_, mechanism) => storageIndex(netuid, mechanism));
}

function seat(
  state: State,
  options: { readonly netuid: number; readonly uid: number; readonly hotkey: AccountId; readonly blockNumber: number },
): void {
  const { netuid, uid, hotkey, blockNumber } = options;
  state.put(subtensorStorage.keys, [netuid, uid], hotkey);
  state.put(subtensorStorage.uids, [netuid, hotkey], uid);
  state.put(subtensorStorage.blockAtRegistration, [netuid, uid], BigInt(blockNumber));
  state.put(subtensorStorage.isNetworkMember, [hotkey, netuid], true);
  for (const index of mechanismIndices(state, netuid)) setLastUpdate(state, index, uid, blockNumber);
}

/** Adds a neuron behind the last one and returns its uid. */
export function appendNeuron(state: State, netuid: number, hotkey: AccountId, blockNumber: number): number {
  const uid = state.get(subtensorStorage.subnetworkN, netuid);
  state.put(subtensorStorage.subnetworkN, [netuid], uid + 1);
  state.put(subtensorStorage.active, [netuid], [...state.get(subtensorStorage.active, netuid), true]);
  state.put(subtensorStorage.emission, [netuid], [...state.get(subtensorStorage.emission, netuid), 0n]);
  for (const item of [subtensorStorage.consensus, subtensorStorage.dividends, subtensorStorage.validatorTrust]) {
    state.put(item, [netuid], [...state.get(item, netuid), 0]);
  }
  state.put(subtensorStorage.validatorPermit, [netuid], [...state.get(subtensorStorage.validatorPermit, netuid), false]);
  for (const index of mechanismIndices(state, netuid)) {
    state.put(subtensorStorage.incentive, [index], [...state.get(subtensorStorage.incentive, index), 0]);
  }
  seat(state, { netuid, uid, hotkey, blockNumber });
  return uid;
}

/** Puts a hotkey in the place of another: everything that the uid earned or published is forgotten, and so are weights on it. */
export function replaceNeuron(
  state: State,
  options: { readonly netuid: number; readonly uid: number; readonly hotkey: AccountId; readonly blockNumber: number },
): void {
  const { netuid, uid } = options;
  const old = state.get(subtensorStorage.keys, netuid, uid);
  state.remove(subtensorStorage.uids, netuid, old);
  state.remove(subtensorStorage.isNetworkMember, old, netuid);
  state.remove(subtensorStorage.axons, netuid, old);
  state.remove(subtensorStorage.neuronCertificates, netuid, old);
  state.remove(subtensorStorage.prometheus, netuid, old);
  state.put(subtensorStorage.active, [netuid], replaceAt(state.get(subtensorStorage.active, netuid), uid, true));
  state.put(subtensorStorage.emission, [netuid], replaceAt(state.get(subtensorStorage.emission, netuid), uid, 0n));
  for (const item of [
    subtensorStorage.consensus,
    subtensorStorage.dividends,
    subtensorStorage.stakeWeight,
    subtensorStorage.validatorTrust,
  ]) {
    state.put(item, [netuid], replaceAt(state.get(item, netuid), uid, 0));
  }
  state.put(subtensorStorage.validatorPermit, [netuid], replaceAt(state.get(subtensorStorage.validatorPermit, netuid), uid, false));
  for (const index of mechanismIndices(state, netuid)) {
    state.put(subtensorStorage.incentive, [index], replaceAt(state.get(subtensorStorage.incentive, index), uid, 0));
    state.remove(subtensorStorage.bonds, index, uid);
    state.remove(subtensorStorage.weights, index, uid);
    for (const [keys, weights] of state.entries(subtensorStorage.weights, index)) {
      if (!weights.some(([target]) => target === uid)) continue;
      const cleared = weights.map(([target, weight]) => [target, target === uid ? 0 : weight] as const);
      state.put(subtensorStorage.weights, keys, cleared);
    }
  }
  seat(state, options);
}
