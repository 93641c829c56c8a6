import { commitmentsStorage } from "../metadata/pallets/commitments.js";
import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import { type CommitmentInfo, commitmentFieldLength, MAX_COMMITMENT_FIELDS } from "../metadata/types/commitments.js";
import type { AccountId } from "../metadata/types/common.js";
import type { Context } from "./context.js";
import { commitmentsFailure } from "./dispatch-failure.js";
import { uidOf } from "./subnets.js";

/** Bytes that every commitment counts for at least. */
const LEAST_SPACE_BYTES = 100n;

/**
 * `set_commitment`: what a hotkey publishes on a subnet, within a space that is given anew every epoch.
 *
 * Timelocked commitments are stored and announced; this node does not open them. The reset flag is stored and resets no bonds.
 */
export function setCommitment(context: Context, hotkey: AccountId, netuid: number, info: CommitmentInfo): void {
  const { state, blockNumber } = context;
  if (uidOf(state, netuid, hotkey) === null) throw commitmentsFailure("AccountNotAllowedCommit");
  if (info.fields.length > MAX_COMMITMENT_FIELDS) throw commitmentsFailure("TooManyFieldsInCommitmentInfo");
  const length = info.fields.reduce((total, field) => total + commitmentFieldLength(field), 0n);
  const neededBytes = length > LEAST_SPACE_BYTES ? length : LEAST_SPACE_BYTES;
  const epoch = state.get(subtensorStorage.subnetEpochIndex, netuid);
  const usage = state.get(commitmentsStorage.usedSpaceOf, netuid, hotkey);
  const usedBytes = (usage?.last_epoch === epoch ? usage.used_space : 0n) + neededBytes;
  if (usedBytes > BigInt(state.get(commitmentsStorage.maxSpace))) throw commitmentsFailure("SpaceLimitExceeded");
  state.put(commitmentsStorage.usedSpaceOf, [netuid, hotkey], { last_epoch: epoch, used_space: usedBytes });
  state.put(commitmentsStorage.commitmentOf, [netuid, hotkey], { deposit: 0n, block: blockNumber, info });
  state.put(commitmentsStorage.lastCommitment, [netuid, hotkey], blockNumber);
  const locked = info.fields.find((field) => field.type === "TimelockEncrypted");
  context.emit({
    type: "Commitments",
    value: [
      locked === undefined
        ? { type: "Commitment", value: { netuid, who: hotkey } }
        : { type: "TimelockCommitment", value: { netuid, who: hotkey, reveal_round: locked.value.reveal_round } },
    ],
  });
}
