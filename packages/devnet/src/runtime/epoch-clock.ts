import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { State } from "../storage/state.js";

/** A subnet whose last step is further back than this runs an epoch whatever its schedule. */
const LONGEST_TEMPO_BLOCKS = 50_400n;

/** True when an epoch of the subnet is due in this block. */
export function isEpochDue(state: State, netuid: number, blockNumber: number): boolean {
  const tempo = state.get(subtensorStorage.tempo, netuid);
  if (tempo === 0) return false;
  const block = BigInt(blockNumber);
  const pending = state.get(subtensorStorage.pendingEpochAt, netuid);
  if (pending > 0n && block >= pending) return true;
  if (state.get(subtensorStorage.blocksSinceLastStep, netuid) > LONGEST_TEMPO_BLOCKS) return true;
  return block - state.get(subtensorStorage.lastEpochBlock, netuid) >= BigInt(tempo);
}

/** The block that the next epoch is planned for, `null` for a subnet without epochs. */
export function nextEpochBlock(state: State, netuid: number): bigint | null {
  const tempo = state.get(subtensorStorage.tempo, netuid);
  if (tempo === 0) return null;
  const planned = state.get(subtensorStorage.lastEpochBlock, netuid) + BigInt(tempo);
  const pending = state.get(subtensorStorage.pendingEpochAt, netuid);
  return pending > 0n && pending < planned ? pending : planned;
}

/** Number of the current epoch; in the block in which one is due it counts as begun. */
export function currentEpoch(state: State, netuid: number, blockNumber: number): bigint {
  const index = state.get(subtensorStorage.subnetEpochIndex, netuid);
  return isEpochDue(state, netuid, blockNumber) ? index + 1n : index;
}

/** Blocks without an update after which a neuron is inactive: thousandths of a tempo, at least one block. */
export function activityCutoffBlocks(state: State, netuid: number): bigint {
  const factor = BigInt(state.get(subtensorStorage.activityCutoffFactorMilli, netuid));
  const blocks = (factor * BigInt(state.get(subtensorStorage.tempo, netuid))) / 1000n;
  return blocks > 1n ? blocks : 1n;
}
