import type { ValidatorDirectory } from "@vision/sdk";

/** A directory whose validators the operator can change while the miner runs. */
export type StaticDirectory = ValidatorDirectory & {
  /** Serves these validators from now on, and no others. */
  allow(hotkeys: readonly string[]): void;
};

/** Directory of the validators that the operator names; stake is not known, so they share capacity equally. */
export function createStaticDirectory(allow: readonly string[]): StaticDirectory {
  let allowed = new Set(allow);
  return {
    isAllowed: (hotkey) =>
      allowed.has(hotkey)
        ? { isAllowed: true, stakeRao: 0n }
        : { isAllowed: false, reason: "the hotkey is not among the validators that this miner serves" },
    totalStakeRao: () => 0n,
    allowedCount: () => allowed.size,
    allow(hotkeys) {
      allowed = new Set(hotkeys);
    },
  };
}
