import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { DynamicInfoValue } from "../metadata/types/dynamic-info.js";
import type { State } from "../storage/state.js";
import { subnetExists } from "./subnets.js";

/** A subnet and its pool, `null` for an unknown one. Counts towards the last epoch as the chain does: from `LastMechansimStepBlock`. */
export function readDynamicInfo(state: State, netuid: number, blockNumber: number): DynamicInfoValue | null {
  if (!subnetExists(state, netuid)) return null;
  const identity = state.get(subtensorStorage.subnetIdentitiesV3, netuid);
  const lastStep = state.get(subtensorStorage.lastMechansimStepBlock, netuid);
  return {
    netuid,
    owner_hotkey: state.get(subtensorStorage.subnetOwnerHotkey, netuid),
    owner_coldkey: state.get(subtensorStorage.subnetOwner, netuid),
    subnet_name: [...(identity?.subnet_name ?? new Uint8Array())],
    token_symbol: [...state.get(subtensorStorage.tokenSymbol, netuid)],
    tempo: state.get(subtensorStorage.tempo, netuid),
    last_step: lastStep,
    blocks_since_last_step: BigInt(blockNumber) - lastStep,
    emission: 0n,
    alpha_in: state.get(subtensorStorage.subnetAlphaIn, netuid),
    alpha_out: state.get(subtensorStorage.subnetAlphaOut, netuid),
    tao_in: state.get(subtensorStorage.subnetTAO, netuid),
    alpha_out_emission: state.get(subtensorStorage.subnetAlphaOutEmission, netuid),
    alpha_in_emission: state.get(subtensorStorage.subnetAlphaInEmission, netuid),
    tao_in_emission: state.get(subtensorStorage.subnetTaoInEmission, netuid),
    pending_alpha_emission:
      state.get(subtensorStorage.pendingValidatorEmission, netuid) + state.get(subtensorStorage.pendingServerEmission, netuid),
    pending_root_emission: 0n,
    subnet_volume: state.get(subtensorStorage.subnetVolume, netuid),
    network_registered_at: state.get(subtensorStorage.networkRegisteredAt, netuid),
    subnet_identity: identity,
    moving_price: state.get(subtensorStorage.subnetMovingPrice, netuid),
  };
}
