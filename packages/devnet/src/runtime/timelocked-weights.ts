import { blake2AsU8a } from "@polkadot/util-crypto";
import { drandStorage } from "../metadata/pallets/drand.js";
import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { AccountId } from "../metadata/types/common.js";
import { decodeWith } from "../scale/codec.js";
import { bytes, vec } from "../scale/collections.js";
import { toHex } from "../scale/hex.js";
import { u16, u64 } from "../scale/primitives.js";
import { struct } from "../scale/records.js";
import type { Context } from "./context.js";
import { DispatchFailure, ensure } from "./dispatch-failure.js";
import { currentEpoch } from "./epoch-clock.js";
import { ensureMechanismExists, setLastUpdate, storageIndex } from "./subnets.js";
import { openTimelock } from "./timelock/open-timelock.js";
import { checkCommitter, MAX_HIDDEN_COMMITS } from "./weight-commits.js";
import { storeWeights } from "./weights.js";

/** What a timelocked commit holds. The older form lacks the hotkey. */
const payload = struct("", { hotkey: bytes, uids: vec(u16), values: vec(u16), version_key: u64 });
const olderPayload = struct("", { uids: vec(u16), values: vec(u16), version_key: u64 });

/** A commit that the chain itself opens later. */
export type TimelockedCommit = {
  readonly netuid: number;
  readonly mechanism: number;
  readonly commit: Uint8Array;
  readonly revealRound: bigint;
  readonly version: number;
};

/** `commit_timelocked_weights`, `commit_timelocked_mechanism_weights` and `commit_crv3_mechanism_weights`. */
export function commitTimelocked(context: Context, hotkey: AccountId, request: TimelockedCommit): void {
  const { state, blockNumber } = context;
  const { netuid, mechanism, commit, revealRound } = request;
  ensureMechanismExists(state, netuid, mechanism);
  ensure(state.get(subtensorStorage.commitRevealWeightsEnabled, netuid), "CommitRevealDisabled");
  ensure(request.version === state.get(subtensorStorage.commitRevealWeightsVersion), "IncorrectCommitRevealVersion");
  const uid = checkCommitter(context, hotkey, request);
  const index = storageIndex(netuid, mechanism);
  const epoch = currentEpoch(state, netuid, blockNumber);
  const waiting = state.get(subtensorStorage.timelockedWeightCommits, index, epoch);
  ensure(waiting.filter(([who]) => who === hotkey).length < MAX_HIDDEN_COMMITS, "TooManyUnrevealedCommits");
  state.put(subtensorStorage.timelockedWeightCommits, [index, epoch], [...waiting, [hotkey, BigInt(blockNumber), commit, revealRound]]);
  const hash = toHex(blake2AsU8a(commit, 256));
  context.emit({ type: "SubtensorModule", value: [{ type: "TimelockedWeightsCommitted", value: [hotkey, index, hash, revealRound] }] });
  setLastUpdate(state, index, uid, blockNumber);
}

function decodePayload(plain: Uint8Array, hotkey: AccountId) {
  try {
    const value = decodeWith(payload, plain);
    return toHex(value.hotkey) === hotkey ? value : null;
  } catch {
    // Not the newer form; the chain then tries the older one.
  }
  try {
    return decodeWith(olderPayload, plain);
  } catch {
    return null;
  }
}

/**
 * Opens the commits whose epoch of reveal has come and stores their weights. A commit whose round has no pulse yet waits, and is tried again
 * every block of the epoch; one that does not open, or whose weights are refused, is dropped without a word, as on the chain.
 */
export function revealTimelocked(context: Context, netuid: number): void {
  const { state, blockNumber } = context;
  const period = state.get(subtensorStorage.revealPeriodEpochs, netuid);
  const epoch = currentEpoch(state, netuid, blockNumber);
  const revealEpoch = epoch > period ? epoch - period : 0n;
  const mechanisms = state.get(subtensorStorage.mechanismCountCurrent, netuid);
  for (let mechanism = 0; mechanism < mechanisms; mechanism += 1) {
    const index = storageIndex(netuid, mechanism);
    for (const [[, commitEpoch]] of state.entries(subtensorStorage.timelockedWeightCommits, index)) {
      if (commitEpoch < revealEpoch) state.remove(subtensorStorage.timelockedWeightCommits, index, commitEpoch);
    }
    if (epoch < period) continue;
    const waiting = state.get(subtensorStorage.timelockedWeightCommits, index, revealEpoch);
    if (waiting.length === 0) continue;
    const unopened = waiting.filter(([who, , commit, round]) => {
      const pulse = state.get(drandStorage.pulses, round);
      if (pulse === null) return true;
      revealOne(context, { netuid, mechanism, hotkey: who, commit, signature: pulse.signature });
      return false;
    });
    if (unopened.length === 0) state.remove(subtensorStorage.timelockedWeightCommits, index, revealEpoch);
    else state.put(subtensorStorage.timelockedWeightCommits, [index, revealEpoch], unopened);
  }
}

function revealOne(
  context: Context,
  options: {
    readonly netuid: number;
    readonly mechanism: number;
    readonly hotkey: AccountId;
    readonly commit: Uint8Array;
    readonly signature: Uint8Array;
  },
): void {
  const { netuid, mechanism, hotkey } = options;
  const plain = openTimelock(options.commit, options.signature);
  const opened = plain === null ? null : decodePayload(plain, hotkey);
  if (opened === null) return;
  try {
    storeWeights(context, hotkey, { netuid, mechanism, uids: opened.uids, values: opened.values, versionKey: opened.version_key });
  } catch (error) {
    if (!(error instanceof DispatchFailure)) throw error;
    return;
  }
  context.emit({
    type: "SubtensorModule",
    value: [{ type: "TimelockedWeightsRevealed", value: [storageIndex(netuid, mechanism), hotkey] }],
  });
}
