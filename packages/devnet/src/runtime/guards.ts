import { drandStorage } from "../metadata/pallets/drand.js";
import type { SubtensorCall } from "../metadata/pallets/subtensor-calls.js";
import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { RuntimeCall } from "../metadata/runtime.js";
import type { AccountId } from "../metadata/types/common.js";
import type { Context } from "./context.js";
import { DispatchFailure, ensure, subtensorFailure } from "./dispatch-failure.js";
import { passesNetworkRate } from "./networks.js";
import { checkAxon, checkPrometheus } from "./serving.js";
import { storageIndex, uidOf } from "./subnets.js";
import { commitHash, isRevealEpoch, type Reveal } from "./weight-commits.js";
import { hasStakeForWeights, passesWeightsRate } from "./weights.js";

/** Codes of `{"invalid":{"custom":N}}` by the chain's names of the errors; all others are 255. From common/src/transaction_error.rs. */
const customCodes: ReadonlyMap<string, number> = new Map([
  ["AmountTooLow", 1],
  ["NotEnoughStakeToSetWeights", 1],
  ["NotEnoughBalanceToStake", 2],
  ["SubnetNotExists", 3],
  ["HotKeyAccountNotExists", 4],
  ["NotEnoughStakeToWithdraw", 5],
  ["CommittingWeightsTooFast", 6],
  ["SettingWeightsTooFast", 6],
  ["NetworkTxRateLimitExceeded", 6],
  ["InsufficientLiquidity", 7],
  ["SlippageTooHigh", 8],
  ["TransferDisallowed", 9],
  ["HotKeyNotRegisteredInNetwork", 10],
  ["InvalidIpAddress", 11],
  ["ServingRateLimitExceeded", 12],
  ["InvalidPort", 13],
  ["InvalidRevealRound", 15],
  ["NoWeightsCommitFound", 16],
  ["RevealTooEarly", 17],
  ["InputLengthsUnequal", 18],
  ["HotKeyNotRegisteredInSubNet", 19],
  ["NonAssociatedColdKey", 25],
]);

type Reading = Pick<Context, "state" | "blockNumber">;

/**
 * Checks a call before it may enter a block (spec 425, pallets/subtensor/src/guards): what fails here is refused by the pool with a custom code.
 *
 * @returns The custom code, or `null` when the call may enter.
 */
export function rejectionCode(context: Reading, account: AccountId, call: RuntimeCall): number | null {
  if (call.type !== "SubtensorModule") return null;
  try {
    const [inner] = call.value;
    checkLengths(inner);
    checkStake(context, account, inner);
    checkReveals(context, account, inner);
    checkRates(context, account, inner);
    checkServing(context, account, inner);
    return null;
  } catch (error) {
    if (error instanceof DispatchFailure) return customCodes.get(error.chainName) ?? 255;
    throw error;
  }
}

function checkLengths(call: SubtensorCall): void {
  switch (call.type) {
    case "batch_commit_weights":
      ensure(call.value.netuids.length === call.value.commit_hashes.length, "InputLengthsUnequal");
      return;
    case "batch_set_weights": {
      const { netuids, weights, version_keys } = call.value;
      ensure(netuids.length === weights.length && netuids.length === version_keys.length, "InputLengthsUnequal");
      return;
    }
    case "batch_reveal_weights": {
      const { uids_list, values_list, salts_list, version_keys } = call.value;
      const lengths = new Set([uids_list.length, values_list.length, salts_list.length, version_keys.length]);
      ensure(lengths.size === 1, "InputLengthsUnequal");
      return;
    }
    default:
  }
}

function checkStake({ state }: Reading, account: AccountId, call: SubtensorCall): void {
  for (const netuid of netuidsOfWeights(call)) ensure(hasStakeForWeights(state, netuid, account), "NotEnoughStakeToSetWeights");
}

function netuidsOfWeights(call: SubtensorCall): readonly number[] {
  switch (call.type) {
    case "set_weights":
    case "set_mechanism_weights":
    case "commit_weights":
    case "commit_mechanism_weights":
    case "reveal_weights":
    case "reveal_mechanism_weights":
    case "batch_reveal_weights":
    case "commit_timelocked_weights":
    case "commit_timelocked_mechanism_weights":
    case "commit_crv3_mechanism_weights":
      return [call.value.netuid];
    case "batch_set_weights":
    case "batch_commit_weights":
      return call.value.netuids;
    default:
      return [];
  }
}

function checkReveals(context: Reading, account: AccountId, call: SubtensorCall): void {
  switch (call.type) {
    case "reveal_weights":
      checkReveal(context, account, { ...call.value, mechanism: 0, versionKey: call.value.version_key });
      return;
    case "reveal_mechanism_weights":
      checkReveal(context, account, { ...call.value, mechanism: call.value.mecid, versionKey: call.value.version_key });
      return;
    case "batch_reveal_weights": {
      const { netuid, uids_list, values_list, salts_list, version_keys } = call.value;
      for (const [index, uids] of uids_list.entries()) {
        const versionKey = version_keys[index] ?? 0n;
        checkReveal(context, account, {
          netuid,
          mechanism: 0,
          uids,
          values: values_list[index] ?? [],
          salt: salts_list[index] ?? [],
          versionKey,
        });
      }
      return;
    }
    case "commit_timelocked_weights":
    case "commit_timelocked_mechanism_weights":
    case "commit_crv3_mechanism_weights":
      ensure(call.value.reveal_round >= context.state.get(drandStorage.lastStoredRound), "InvalidRevealRound");
      return;
    default:
  }
}

function checkReveal(context: Reading, account: AccountId, reveal: Reveal): void {
  const index = storageIndex(reveal.netuid, reveal.mechanism);
  const hash = commitHash(account, reveal);
  const commit = context.state.get(subtensorStorage.weightCommits, index, account)?.find(([each]) => each === hash);
  if (commit === undefined) throw subtensorFailure("NoWeightsCommitFound");
  ensure(isRevealEpoch(context, reveal.netuid, commit[1]), "RevealTooEarly");
}

function checkRates(context: Reading, account: AccountId, call: SubtensorCall): void {
  switch (call.type) {
    case "commit_weights":
      checkWeightsRate(context, account, { netuid: call.value.netuid, mechanism: 0, error: "CommittingWeightsTooFast" });
      return;
    case "commit_mechanism_weights":
      checkWeightsRate(context, account, {
        netuid: call.value.netuid,
        mechanism: call.value.mecid,
        error: "CommittingWeightsTooFast",
      });
      return;
    case "set_weights":
    case "set_mechanism_weights": {
      const { netuid } = call.value;
      if (context.state.get(subtensorStorage.commitRevealWeightsEnabled, netuid)) return;
      const mechanism = call.type === "set_weights" ? 0 : call.value.mecid;
      checkWeightsRate(context, account, { netuid, mechanism, error: "SettingWeightsTooFast" });
      return;
    }
    case "register_network":
      ensure(passesNetworkRate(context), "NetworkTxRateLimitExceeded");
      return;
    default:
  }
}

function checkWeightsRate(
  context: Reading,
  account: AccountId,
  target: { readonly netuid: number; readonly mechanism: number; readonly error: "CommittingWeightsTooFast" | "SettingWeightsTooFast" },
): void {
  const uid = uidOf(context.state, target.netuid, account);
  if (uid === null) return;
  ensure(passesWeightsRate(context, target.netuid, { index: storageIndex(target.netuid, target.mechanism), uid }), target.error);
}

function checkServing(context: Reading, account: AccountId, call: SubtensorCall): void {
  switch (call.type) {
    case "serve_axon":
    case "serve_axon_tls":
      checkAxon(context, account, call.value);
      return;
    case "serve_prometheus":
      checkPrometheus(context, account, call.value);
      return;
    default:
  }
}
