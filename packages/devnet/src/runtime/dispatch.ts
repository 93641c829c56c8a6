import { blake2AsU8a } from "@polkadot/util-crypto";
import type { BalancesCall } from "../metadata/pallets/balances.js";
import { EXISTENTIAL_DEPOSIT_RAO } from "../metadata/pallets/balances.js";
import type { SubtensorCall } from "../metadata/pallets/subtensor-calls.js";
import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import { systemStorage } from "../metadata/pallets/system.js";
import { type RuntimeCall, type RuntimeEvent, sudoStorage, type UtilityCall } from "../metadata/runtime.js";
import type { AccountId, MultiAddress } from "../metadata/types/common.js";
import { toHex } from "../scale/hex.js";
import { freeBalance, setFreeBalance, transfer } from "./accounts.js";
import { setHyperparameter } from "./admin-utils.js";
import { setCommitment } from "./commitments.js";
import type { Context, DispatchOutcome, Origin } from "./context.js";
import { badOrigin, balancesFailure, DispatchFailure, ensure, subtensorFailure } from "./dispatch-failure.js";
import { ensureOwner, registerNetwork, startSubnet } from "./networks.js";
import { register, registerWithLimit } from "./registration.js";
import { serveAxon, servePrometheus } from "./serving.js";
import { addStake, removeStake } from "./staking.js";
import { commitTimelocked } from "./timelocked-weights.js";
import { commitWeights, revealWeights, revealWeightsBatch } from "./weight-commits.js";
import { runWeightsBatch, setWeights } from "./weights.js";

/** Shortest and longest tempo that an owner may set. */
const TEMPO_RANGE = { least: 360, most: 50_400 } as const;
const ACTIVITY_FACTOR_RANGE = { least: 1000, most: 50_000 } as const;
/** Version that `commit_crv3_mechanism_weights` stands for. */
const CRV3_VERSION = 4;

/** Runs a call; on failure nothing of it stays, its events included. */
export function dispatch(context: Context, origin: Origin, call: RuntimeCall): DispatchOutcome {
  const fork = context.state.fork();
  const events: RuntimeEvent[] = [];
  try {
    runCall({ ...context, state: fork, emit: (event) => events.push(event) }, origin, call);
  } catch (error) {
    if (error instanceof DispatchFailure) return { ok: false, failure: error };
    throw error;
  }
  context.state.absorb(fork);
  for (const event of events) context.emit(event);
  return { ok: true };
}

function signer(origin: Origin): AccountId {
  if (origin.kind !== "signed") throw badOrigin();
  return origin.account;
}

function runCall(context: Context, origin: Origin, call: RuntimeCall): void {
  switch (call.type) {
    case "System": {
      const account = signer(origin);
      const [inner] = call.value;
      if (inner.type === "remark") return;
      const hash = toHex(blake2AsU8a(inner.value.remark, 256));
      context.emit({ type: "System", value: [{ type: "Remarked", value: { sender: account, hash } }] });
      return;
    }
    case "Timestamp":
      // Only the inherent, which never comes this way, may set the time.
      throw badOrigin();
    case "Balances":
      runBalances(context, origin, call.value[0]);
      return;
    case "SubtensorModule":
      runSubtensor(context, origin, call.value[0]);
      return;
    case "Utility":
      runBatch(context, origin, call.value[0]);
      return;
    case "Sudo": {
      const key = context.state.get(sudoStorage.key);
      if (key === null || signer(origin) !== key)
        throw new DispatchFailure("RequireSudo", { type: "Module", value: [{ index: 12, error: new Uint8Array(4) }] });
      const outcome = dispatch(context, { kind: "root" }, call.value[0].value.call);
      const result = outcome.ok ? ({ type: "Ok", value: [[]] } as const) : ({ type: "Err", value: [outcome.failure.value] } as const);
      context.emit({ type: "Sudo", value: [{ type: "Sudid", value: { sudo_result: result } }] });
      return;
    }
    case "Commitments":
      setCommitment(context, signer(origin), call.value[0].value.netuid, call.value[0].value.info);
      return;
    case "AdminUtils":
      setHyperparameter(context, origin, call.value[0]);
      return;
  }
}

function lookup(address: MultiAddress): AccountId {
  switch (address.type) {
    case "Id":
      return address.value[0];
    case "Address32":
      return toHex(address.value[0]);
    default:
      throw new DispatchFailure("CannotLookup", { type: "CannotLookup", value: [] });
  }
}

function runBalances(context: Context, origin: Origin, call: BalancesCall): void {
  switch (call.type) {
    case "transfer_allow_death":
      transfer(context, signer(origin), lookup(call.value.dest), call.value.value);
      return;
    case "transfer_keep_alive": {
      const from = signer(origin);
      if (freeBalance(context, from) < call.value.value + EXISTENTIAL_DEPOSIT_RAO) throw balancesFailure("Expendability");
      transfer(context, from, lookup(call.value.dest), call.value.value);
      return;
    }
    case "transfer_all": {
      const from = signer(origin);
      const keep = call.value.keep_alive ? EXISTENTIAL_DEPOSIT_RAO : 0n;
      transfer(context, from, lookup(call.value.dest), freeBalance(context, from) - keep);
      return;
    }
    case "force_set_balance": {
      if (origin.kind !== "root") throw badOrigin();
      const account = lookup(call.value.who);
      setFreeBalance(context, account, call.value.new_free);
      context.emit({ type: "Balances", value: [{ type: "BalanceSet", value: { who: account, free: call.value.new_free } }] });
      return;
    }
  }
}

function runBatch(context: Context, origin: Origin, call: UtilityCall): void {
  const emitUtility = (event: Extract<RuntimeEvent, { type: "Utility" }>["value"][0]): void =>
    context.emit({ type: "Utility", value: [event] });
  let hasErrors = false;
  for (const [index, item] of call.value.calls.entries()) {
    const outcome = dispatch(context, origin, item);
    if (outcome.ok) {
      emitUtility({ type: "ItemCompleted", value: [] });
      continue;
    }
    if (call.type === "batch_all") throw outcome.failure;
    if (call.type === "batch") {
      emitUtility({ type: "BatchInterrupted", value: { index, error: outcome.failure.value } });
      return;
    }
    hasErrors = true;
    emitUtility({ type: "ItemFailed", value: { error: outcome.failure.value } });
  }
  emitUtility(hasErrors ? { type: "BatchCompletedWithErrors", value: [] } : { type: "BatchCompleted", value: [] });
}

function runSubtensor(context: Context, origin: Origin, call: SubtensorCall): void {
  const { state, blockNumber } = context;
  const who = signer(origin);
  switch (call.type) {
    case "set_weights":
      setWeights(context, who, weightsRequest({ ...call.value, mecid: 0 }));
      return;
    case "set_mechanism_weights":
      setWeights(context, who, weightsRequest(call.value));
      return;
    case "batch_set_weights": {
      const { netuids, weights, version_keys } = call.value;
      ensure(netuids.length === weights.length && netuids.length === version_keys.length, "InputLengthsUnequal");
      const items = netuids.map((netuid, index) => {
        const cells = weights[index] ?? [];
        const request = {
          netuid,
          mechanism: 0,
          uids: cells.map(([uid]) => uid),
          values: cells.map(([, value]) => value),
          versionKey: version_keys[index] ?? 0n,
        };
        return { netuid, run: (inner: Context) => setWeights(inner, who, request) };
      });
      runWeightsBatch(context, who, items);
      return;
    }
    case "commit_weights":
      commitWeights(context, who, { netuid: call.value.netuid, mechanism: 0, hash: call.value.commit_hash });
      return;
    case "commit_mechanism_weights":
      commitWeights(context, who, { netuid: call.value.netuid, mechanism: call.value.mecid, hash: call.value.commit_hash });
      return;
    case "batch_commit_weights": {
      const { netuids, commit_hashes } = call.value;
      ensure(netuids.length === commit_hashes.length, "InputLengthsUnequal");
      const items = netuids.map((netuid, index) => {
        const hash = commit_hashes[index] ?? "";
        return { netuid, run: (inner: Context) => commitWeights(inner, who, { netuid, mechanism: 0, hash }) };
      });
      runWeightsBatch(context, who, items);
      return;
    }
    case "reveal_weights":
      revealWeights(context, who, { ...call.value, mechanism: 0, versionKey: call.value.version_key });
      return;
    case "reveal_mechanism_weights":
      revealWeights(context, who, { ...call.value, mechanism: call.value.mecid, versionKey: call.value.version_key });
      return;
    case "batch_reveal_weights": {
      const { netuid, uids_list, values_list, salts_list, version_keys } = call.value;
      const isEqual = [values_list, salts_list, version_keys].every((list) => list.length === uids_list.length);
      ensure(isEqual, "InputLengthsUnequal");
      const reveals = uids_list.map((uids, index) => ({
        netuid,
        mechanism: 0,
        uids,
        values: values_list[index] ?? [],
        salt: salts_list[index] ?? [],
        versionKey: version_keys[index] ?? 0n,
      }));
      revealWeightsBatch(context, who, netuid, reveals);
      return;
    }
    case "commit_timelocked_weights":
      commitTimelocked(context, who, timelockedCommit({ ...call.value, mecid: 0 }));
      return;
    case "commit_timelocked_mechanism_weights":
      commitTimelocked(context, who, timelockedCommit(call.value));
      return;
    case "commit_crv3_mechanism_weights":
      commitTimelocked(context, who, timelockedCommit({ ...call.value, commit_reveal_version: CRV3_VERSION }));
      return;
    case "burned_register":
    case "register":
      // The work of `register` is ignored since spec 425: it pays the burn like the other.
      register(context, { coldkey: who, hotkey: call.value.hotkey, netuid: call.value.netuid });
      return;
    case "register_limit":
      registerWithLimit(context, { coldkey: who, hotkey: call.value.hotkey, netuid: call.value.netuid }, call.value.limit_price);
      return;
    case "root_register":
      throw subtensorFailure("DisabledTemporarily");
    case "register_network":
      registerNetwork(context, who, call.value.hotkey);
      return;
    case "start_call":
      startSubnet(context, call.value.netuid, origin);
      return;
    case "serve_axon":
      serveAxon(context, who, call.value, null);
      return;
    case "serve_axon_tls": {
      const { certificate, ...request } = call.value;
      serveAxon(context, who, request, certificate);
      return;
    }
    case "serve_prometheus":
      servePrometheus(context, who, call.value);
      return;
    case "add_stake":
      addStake(context, { coldkey: who, hotkey: call.value.hotkey, netuid: call.value.netuid, amountRao: call.value.amount_staked });
      return;
    case "add_stake_limit": {
      const { hotkey, netuid, amount_staked, limit_price } = call.value;
      addStake(context, { coldkey: who, hotkey, netuid, amountRao: amount_staked, limitPriceRao: limit_price });
      return;
    }
    case "remove_stake":
      removeStake(context, {
        coldkey: who,
        hotkey: call.value.hotkey,
        netuid: call.value.netuid,
        amountRao: call.value.amount_unstaked,
      });
      return;
    case "set_tempo":
      ensureOwner(state, call.value.netuid, origin);
      ensure(call.value.tempo >= TEMPO_RANGE.least && call.value.tempo <= TEMPO_RANGE.most, "TempoOutOfBounds");
      state.put(subtensorStorage.tempo, [call.value.netuid], call.value.tempo);
      state.put(subtensorStorage.lastEpochBlock, [call.value.netuid], BigInt(blockNumber));
      context.emit({ type: "SubtensorModule", value: [{ type: "TempoSet", value: [call.value.netuid, call.value.tempo] }] });
      return;
    case "set_activity_cutoff_factor": {
      const { netuid, factor_milli } = call.value;
      ensureOwner(state, netuid, origin);
      const isInRange = factor_milli >= ACTIVITY_FACTOR_RANGE.least && factor_milli <= ACTIVITY_FACTOR_RANGE.most;
      ensure(isInRange, "ActivityCutoffFactorMilliOutOfBounds");
      state.put(subtensorStorage.activityCutoffFactorMilli, [netuid], factor_milli);
      context.emit({ type: "SubtensorModule", value: [{ type: "ActivityCutoffFactorMilliSet", value: { netuid, factor_milli } }] });
      return;
    }
    case "trigger_epoch":
      triggerEpoch(context, call.value.netuid, origin);
      return;
  }
}

function triggerEpoch(context: Context, netuid: number, origin: Origin): void {
  const { state, blockNumber } = context;
  ensureOwner(state, netuid, origin);
  ensure(!state.get(subtensorStorage.commitRevealWeightsEnabled, netuid), "DynamicTempoBlockedByCommitReveal");
  ensure(state.get(subtensorStorage.pendingEpochAt, netuid) === 0n, "EpochTriggerAlreadyPending");
  const window = BigInt(state.get(subtensorStorage.adminFreezeWindow));
  const planned = state.get(subtensorStorage.lastEpochBlock, netuid) + BigInt(state.get(subtensorStorage.tempo, netuid));
  ensure(planned - BigInt(blockNumber) >= window, "AutoEpochAlreadyImminent");
  const firesAt = BigInt(blockNumber) + window;
  state.put(subtensorStorage.pendingEpochAt, [netuid], firesAt);
  const value = { netuid, by: signer(origin), fires_at: firesAt };
  context.emit({ type: "SubtensorModule", value: [{ type: "EpochTriggered", value }] });
}

function weightsRequest(call: {
  readonly netuid: number;
  readonly mecid: number;
  readonly dests: readonly number[];
  readonly weights: readonly number[];
  readonly version_key: bigint;
}) {
  return { netuid: call.netuid, mechanism: call.mecid, uids: call.dests, values: call.weights, versionKey: call.version_key };
}

function timelockedCommit(call: {
  readonly netuid: number;
  readonly mecid: number;
  readonly commit: Uint8Array;
  readonly reveal_round: bigint;
  readonly commit_reveal_version: number;
}) {
  const { netuid, mecid, commit, reveal_round, commit_reveal_version } = call;
  return { netuid, mechanism: mecid, commit, revealRound: reveal_round, version: commit_reveal_version };
}

/** Counts a signed extrinsic of an account; the account is created if this is the first thing it does. */
export function countExtrinsic(context: Context, account: AccountId): void {
  const before = context.state.get(systemStorage.account, account);
  context.state.put(systemStorage.account, [account], { ...before, nonce: before.nonce + 1 });
}
