import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { AccountId } from "../metadata/types/common.js";
import type { State } from "../storage/state.js";
import type { Context } from "./context.js";
import { DispatchFailure, ensure, subtensorFailure } from "./dispatch-failure.js";
import { stakeWeights } from "./stake.js";
import { ensureMechanismExists, ownerUid, ROOT_NETUID, setLastUpdate, storageIndex, uidOf } from "./subnets.js";
import { maxUpscale } from "./yuma/max-upscale.js";

/** Weights of one validator on one mechanism of a subnet. */
export type WeightsRequest = {
  readonly netuid: number;
  readonly mechanism: number;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly versionKey: bigint;
};

/** True when a hotkey has the stake that weights and commits need; the owner's always has. */
export function hasStakeForWeights(state: State, netuid: number, hotkey: AccountId): boolean {
  const owner = ownerUid(state, netuid);
  if (owner !== null && uidOf(state, netuid, hotkey) === owner) return true;
  return stakeWeights(state, hotkey, netuid).total >= state.get(subtensorStorage.stakeThreshold) << 64n;
}

/** True when enough blocks passed since a neuron's last weights or commit, or it never had any. */
export function passesWeightsRate(
  context: Pick<Context, "state" | "blockNumber">,
  netuid: number,
  options: { readonly index: number; readonly uid: number },
): boolean {
  const lastUpdate = context.state.get(subtensorStorage.lastUpdate, options.index)[options.uid] ?? 0n;
  return lastUpdate === 0n || BigInt(context.blockNumber) - lastUpdate >= context.state.get(subtensorStorage.weightsSetRateLimit, netuid);
}

function isSelfWeight(uid: number, uids: readonly number[], values: readonly number[]): boolean {
  return values.length === 1 && uids[0] === uid;
}

function hasPermit(state: State, netuid: number, uid: number): boolean {
  return uid === ownerUid(state, netuid) || (state.get(subtensorStorage.validatorPermit, netuid)[uid] ?? false);
}

/** `set_weights` and `set_mechanism_weights`: refused while commit-reveal is on. */
export function setWeights(context: Context, hotkey: AccountId, request: WeightsRequest): void {
  ensure(!context.state.get(subtensorStorage.commitRevealWeightsEnabled, request.netuid), "CommitRevealEnabled");
  storeWeights(context, hotkey, request);
}

/**
 * Checks weights in the chain's order (subnets/weights.rs `internal_set_weights`) and stores them, the largest scaled to 65535.
 *
 * With commit-reveal on this is how revealed weights arrive: no rate limit then, that was the commit's.
 */
export function storeWeights(context: Context, hotkey: AccountId, request: WeightsRequest): void {
  const { state, blockNumber } = context;
  const { netuid, mechanism, uids, values, versionKey } = request;
  const index = storageIndex(netuid, mechanism);
  ensure(netuid !== ROOT_NETUID, "CanNotSetRootNetworkWeights");
  ensure(uids.length === values.length, "WeightVecNotEqualSize");
  ensureMechanismExists(state, netuid, mechanism);
  const count = state.get(subtensorStorage.subnetworkN, netuid);
  ensure(uids.length <= count, "UidsLengthExceedUidsInSubNet");
  const uid = uidOf(state, netuid, hotkey);
  if (uid === null) throw subtensorFailure("HotKeyNotRegisteredInSubNet");
  ensure(hasStakeForWeights(state, netuid, hotkey), "NotEnoughStakeToSetWeights");
  const networkKey = state.get(subtensorStorage.weightsVersionKey, netuid);
  ensure(networkKey === 0n || versionKey >= networkKey, "IncorrectWeightVersionKey");
  const isCommitReveal = state.get(subtensorStorage.commitRevealWeightsEnabled, netuid);
  ensure(isCommitReveal || passesWeightsRate(context, netuid, { index, uid }), "SettingWeightsTooFast");
  const isSelf = isSelfWeight(uid, uids, values);
  ensure(isSelf || hasPermit(state, netuid, uid), "NeuronNoValidatorPermit");
  ensure(new Set(uids).size === uids.length, "DuplicateUids");
  ensure(
    uids.every((target) => target < count),
    "UidVecContainInvalidOne",
  );
  const least = Math.min(count, state.get(subtensorStorage.minAllowedWeights, netuid));
  ensure(isSelf || values.length >= least, "WeightVecLengthIsLow");

  const scaled = maxUpscale(values);
  state.put(
    subtensorStorage.weights,
    [index, uid],
    uids.map((target, position) => [target, scaled[position] ?? 0]),
  );
  if (!isCommitReveal) setLastUpdate(state, index, uid, blockNumber);
  context.emit({ type: "SubtensorModule", value: [{ type: "WeightsSet", value: [index, uid] }] });
}

/** What went wrong with one item of a batch. */
type BatchItem = { readonly netuid: number; readonly run: (context: Context) => void };

/** Runs every item of a weights batch on its own: failures become events, the batch itself never fails. */
export function runWeightsBatch(context: Context, hotkey: AccountId, items: readonly BatchItem[]): void {
  let hasErrors = false;
  for (const { netuid, run } of items) {
    const fork = context.state.fork();
    const events: Parameters<Context["emit"]>[0][] = [];
    try {
      run({ ...context, state: fork, emit: (event) => events.push(event) });
      context.state.absorb(fork);
      for (const event of events) context.emit(event);
    } catch (error) {
      if (!(error instanceof DispatchFailure)) throw error;
      if (!hasErrors) context.emit({ type: "SubtensorModule", value: [{ type: "BatchCompletedWithErrors", value: [] }] });
      hasErrors = true;
      context.emit({ type: "SubtensorModule", value: [{ type: "BatchWeightItemFailed", value: [netuid, error.value] }] });
    }
  }
  const netuids = items.map(({ netuid }) => netuid);
  context.emit({ type: "SubtensorModule", value: [{ type: "BatchWeightsCompleted", value: [netuids, hotkey] }] });
}
