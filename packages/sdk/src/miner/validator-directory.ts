import type { Logger } from "../runtime/logger.js";

/** Whether a hotkey may use the miner, and with how much stake. */
export type ValidatorStanding =
  | { readonly isAllowed: true; readonly stakeRao: bigint }
  | { readonly isAllowed: false; readonly reason: string };

/** Knows the validators that a miner serves. Answers from memory: it is asked on every request. */
export type ValidatorDirectory = {
  isAllowed(hotkey: string): ValidatorStanding;
  /** Stake of all validators that are allowed together, RAO; 0 when stake is not known. */
  totalStakeRao(): bigint;
  /** How many validators are allowed, whether they come or not; left out where nobody knows. A part of the slots is kept for them. */
  allowedCount?(): number;
  /** Lets a directory say something once, when it is put to use. */
  start?(logger: Logger): void;
};

/**
 * Serves everybody who signs, whatever their stake. For development, and for miners behind a firewall that does the choosing.
 *
 * Logs one warning, because with it anybody can use the miner for free.
 */
export function allowEveryone(): ValidatorDirectory {
  return {
    isAllowed: () => ({ isAllowed: true, stakeRao: 0n }),
    totalStakeRao: () => 0n,
    start: (logger) =>
      logger.warn("Stake and permits are not checked: everybody who signs is served. Pass `validators` to choose.", {
        directory: "everyone",
      }),
  };
}
