import { integerSchema } from "../runtime/chain-json.js";
import { nextModuloEpochBlock, nextStatefulEpochBlock } from "../timelock/reveal-round.js";
import { callRuntimeApi, type Reader, type ReadOptions, readStorage } from "./reader.js";

const PALLET = "SubtensorModule";

/** When epochs of a subnet happen. `kind` tells which rule the runtime has. */
export type EpochSchedule = {
  readonly kind: "stateful" | "modulo";
  readonly blockNumber: number;
  readonly nextEpochBlock: number;
  readonly tempoBlocks: number;
};

/**
 * The next epoch of a subnet: from `get_next_epoch_start_block` where the runtime has it, from the epoch state in storage where that is
 * there, else by the modulo rule of older runtimes.
 */
export async function readEpochSchedule(reader: Reader, netuid: number, options: ReadOptions = {}): Promise<EpochSchedule> {
  const [next, [number, tempo, lastEpoch, pending]] = await Promise.all([
    callRuntimeApi(reader, { api: "SubnetInfoRuntimeApi", method: "get_next_epoch_start_block", args: [netuid] }, options),
    readStorage(
      reader,
      [
        { pallet: "System", item: "Number" },
        { pallet: PALLET, item: "Tempo", args: [netuid] },
        { pallet: PALLET, item: "LastEpochBlock", args: [netuid] },
        { pallet: PALLET, item: "PendingEpochAt", args: [netuid] },
      ],
      options,
    ),
  ]);
  const blockNumber = integerSchema.parse(number);
  const tempoBlocks = integerSchema.parse(tempo);
  if (next !== undefined && next !== null) return { kind: "stateful", blockNumber, tempoBlocks, nextEpochBlock: integerSchema.parse(next) };
  if (lastEpoch !== undefined) {
    const state = {
      blockNumber,
      tempoBlocks,
      lastEpochBlock: integerSchema.parse(lastEpoch),
      pendingEpochBlock: integerSchema.parse(pending ?? 0),
    };
    return { kind: "stateful", blockNumber, tempoBlocks, nextEpochBlock: nextStatefulEpochBlock(state) };
  }
  return { kind: "modulo", blockNumber, tempoBlocks, nextEpochBlock: nextModuloEpochBlock(blockNumber, netuid, tempoBlocks) };
}
