import type { ValidatorDirectory } from "@vision/sdk";

/** Directory of the validators that the operator names; stake is not known, so they share capacity equally. */
export function createStaticDirectory(allow: readonly string[]): ValidatorDirectory {
  const allowed = new Set(allow);
  return {
    isAllowed: (hotkey) =>
      allowed.has(hotkey)
        ? { isAllowed: true, stakeRao: 0n }
        : { isAllowed: false, reason: "the hotkey is not among the validators that this miner serves" },
    totalStakeRao: () => 0n,
    allowedCount: () => allowed.size,
  };
}
