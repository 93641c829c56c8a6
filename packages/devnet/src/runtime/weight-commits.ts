import { blake2AsU8a } from "@polkadot/util-crypto";
import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import { type AccountId, accountId, type Hash } from "../metadata/types/common.js";
import { encodeWith } from "../scale/codec.js";
import { tuple, vec } from "../scale/collections.js";
import { toHex } from "../scale/hex.js";
import { u16, u64 } from "../scale/primitives.js";
import type { State } from "../storage/state.js";
import type { Context } from "./context.js";
import { ensure, subtensorFailure } from "./dispatch-failure.js";
import { currentEpoch } from "./epoch-clock.js";
import { ensureMechanismExists, setLastUpdate, storageIndex, uidOf } from "./subnets.js";
import { passesWeightsRate, storeWeights } from "./weights.js";

/** Commits of one hotkey that may wait for their reveal at once. */
export const MAX_HIDDEN_COMMITS = 10;

const hashedWeights = tuple(accountId, u16, vec(u16), vec(u16), vec(u16), u64);

/** Weights with the salt that hid them. */
export type Reveal = {
  readonly netuid: number;
  readonly mechanism: number;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly salt: readonly number[];
  readonly versionKey: bigint;
};

/** The hash that commits to weights: Blake2-256 of hotkey, storage index, uids, values, salt and version key. */
export function commitHash(hotkey: AccountId, reveal: Reveal): Hash {
  const { netuid, mechanism, uids, values, salt, versionKey } = reveal;
  return toHex(blake2AsU8a(encodeWith(hashedWeights, [hotkey, storageIndex(netuid, mechanism), uids, values, salt, versionKey]), 256));
}

/** True when the commits of an epoch can no longer be revealed. */
export function isCommitExpired(context: Pick<Context, "state" | "blockNumber">, netuid: number, commitEpoch: bigint): boolean {
  const period = context.state.get(subtensorStorage.revealPeriodEpochs, netuid);
  return currentEpoch(context.state, netuid, context.blockNumber) > commitEpoch + period;
}

/** True in the one epoch in which commits of `commitEpoch` can be revealed. */
export function isRevealEpoch(context: Pick<Context, "state" | "blockNumber">, netuid: number, commitEpoch: bigint): boolean {
  const period = context.state.get(subtensorStorage.revealPeriodEpochs, netuid);
  return currentEpoch(context.state, netuid, context.blockNumber) === commitEpoch + period;
}

/** The checks that both kinds of commits share; returns the committer's uid. */
export function checkCommitter(
  context: Context,
  hotkey: AccountId,
  target: { readonly netuid: number; readonly mechanism: number },
): number {
  const { state } = context;
  const uid = uidOf(state, target.netuid, hotkey);
  if (uid === null) throw subtensorFailure("HotKeyNotRegisteredInSubNet");
  const index = storageIndex(target.netuid, target.mechanism);
  ensure(passesWeightsRate(context, target.netuid, { index, uid }), "CommittingWeightsTooFast");
  return uid;
}

/** `commit_weights` and `commit_mechanism_weights`. */
export function commitWeights(
  context: Context,
  hotkey: AccountId,
  commit: { readonly netuid: number; readonly mechanism: number; readonly hash: Hash },
): void {
  const { state, blockNumber } = context;
  const { netuid, mechanism, hash } = commit;
  ensureMechanismExists(state, netuid, mechanism);
  ensure(state.get(subtensorStorage.commitRevealWeightsEnabled, netuid), "CommitRevealDisabled");
  const uid = checkCommitter(context, hotkey, commit);
  const index = storageIndex(netuid, mechanism);
  const waiting = dropExpired(context, netuid, state.get(subtensorStorage.weightCommits, index, hotkey) ?? []).kept;
  ensure(waiting.length < MAX_HIDDEN_COMMITS, "TooManyUnrevealedCommits");
  const epoch = currentEpoch(state, netuid, blockNumber);
  state.put(subtensorStorage.weightCommits, [index, hotkey], [...waiting, [hash, epoch, BigInt(blockNumber), 0n]]);
  context.emit({ type: "SubtensorModule", value: [{ type: "WeightsCommitted", value: [hotkey, index, hash] }] });
  setLastUpdate(state, index, uid, blockNumber);
}

type StoredCommit = readonly [hash: Hash, epoch: bigint, block: bigint, unused: bigint];

function dropExpired(
  context: Context,
  netuid: number,
  commits: readonly StoredCommit[],
): { readonly kept: readonly StoredCommit[]; readonly expired: readonly Hash[] } {
  const firstAlive = commits.findIndex(([, epoch]) => !isCommitExpired(context, netuid, epoch));
  const split = firstAlive < 0 ? commits.length : firstAlive;
  return { kept: commits.slice(split), expired: commits.slice(0, split).map(([hash]) => hash) };
}

function storeCommits(state: State, index: number, hotkey: AccountId, commits: readonly StoredCommit[]): void {
  if (commits.length === 0) state.remove(subtensorStorage.weightCommits, index, hotkey);
  else state.put(subtensorStorage.weightCommits, [index, hotkey], commits);
}

/** `reveal_weights` and `reveal_mechanism_weights`: commits older than the revealed one are dropped with it. */
export function revealWeights(context: Context, hotkey: AccountId, reveal: Reveal): void {
  const { state } = context;
  const { netuid, mechanism } = reveal;
  ensure(state.get(subtensorStorage.commitRevealWeightsEnabled, netuid), "CommitRevealDisabled");
  const index = storageIndex(netuid, mechanism);
  const stored = state.get(subtensorStorage.weightCommits, index, hotkey);
  if (stored === null) throw subtensorFailure("NoWeightsCommitFound");
  const { kept, expired } = dropExpired(context, netuid, stored);
  const hash = commitHash(hotkey, reveal);
  if (kept.length === 0) throw subtensorFailure(expired.includes(hash) ? "ExpiredWeightCommit" : "NoWeightsCommitFound");
  const position = kept.findIndex(([each]) => each === hash);
  const commit = kept[position];
  if (commit === undefined) throw subtensorFailure(expired.includes(hash) ? "ExpiredWeightCommit" : "InvalidRevealCommitHashNotMatch");
  ensure(isRevealEpoch(context, netuid, commit[1]), "RevealTooEarly");
  storeCommits(state, index, hotkey, kept.slice(position + 1));
  storeWeights(context, hotkey, reveal);
  context.emit({ type: "SubtensorModule", value: [{ type: "WeightsRevealed", value: [hotkey, index, hash] }] });
}

/** `batch_reveal_weights`: all of them or none. */
export function revealWeightsBatch(context: Context, hotkey: AccountId, netuid: number, reveals: readonly Reveal[]): void {
  const { state } = context;
  ensure(state.get(subtensorStorage.commitRevealWeightsEnabled, netuid), "CommitRevealDisabled");
  const stored = state.get(subtensorStorage.weightCommits, netuid, hotkey);
  if (stored === null) throw subtensorFailure("NoWeightsCommitFound");
  const { kept, expired } = dropExpired(context, netuid, stored);
  const hashes = reveals.map((reveal) => commitHash(hotkey, reveal));
  for (const hash of hashes) {
    const commit = kept.find(([each]) => each === hash);
    if (commit === undefined) throw subtensorFailure(expired.includes(hash) ? "ExpiredWeightCommit" : "InvalidRevealCommitHashNotMatch");
    ensure(isRevealEpoch(context, netuid, commit[1]), "RevealTooEarly");
  }
  storeCommits(
    state,
    netuid,
    hotkey,
    kept.filter(([hash]) => !hashes.includes(hash)),
  );
  for (const reveal of reveals) storeWeights(context, hotkey, reveal);
  context.emit({ type: "SubtensorModule", value: [{ type: "WeightsBatchRevealed", value: [hotkey, netuid, hashes] }] });
}
