import type { RuntimeCall } from "../metadata/runtime.js";

const BASE_FEE_RAO = 20_000n;
const FEE_PER_BYTE_RAO = 100n;

/** Calls of SubtensorModule that a coldkey makes and pays for; hotkeys, which need hold nothing, make the others for free. */
const paidCalls: ReadonlySet<string> = new Set([
  "burned_register",
  "register",
  "register_limit",
  "root_register",
  "register_network",
  "start_call",
  "add_stake",
  "add_stake_limit",
  "remove_stake",
  "set_tempo",
  "set_activity_cutoff_factor",
  "trigger_epoch",
]);

/** True when the sender pays nothing. */
export function isFree(call: RuntimeCall): boolean {
  switch (call.type) {
    case "SubtensorModule":
      return !paidCalls.has(call.value[0].type);
    case "Commitments":
    case "Sudo":
      return true;
    default:
      return false;
  }
}

/** RAO that a call costs: a flat fee and one by length. The chain's own depends on measured weights; the order of size is the same. */
export function feeOf(call: RuntimeCall, lengthBytes: number): bigint {
  return isFree(call) ? 0n : BASE_FEE_RAO + FEE_PER_BYTE_RAO * BigInt(lengthBytes);
}
