import { power } from "../power.js";

/**
 * Shares of one task's reward: effective volume to a power, normalised.
 *
 * With an exponent above 1, splitting a machine over several hotkeys earns less than keeping it whole.
 *
 * @param effectiveVolumes - 0 or more, finite, one per miner.
 * @returns In the same order; sums to 1, or all 0 if nobody has any volume.
 */
export function taskShares(effectiveVolumes: readonly number[], exponent: number): readonly number[] {
  let largest = 0;
  for (const volume of effectiveVolumes) if (volume > largest) largest = volume;
  if (largest === 0) return effectiveVolumes.map(() => 0);
  // Divided by the largest first: no power can overflow, and the largest cannot underflow.
  const powers = effectiveVolumes.map((volume) => power(volume / largest, exponent));
  let sum = 0;
  for (const power of powers) sum += power;
  return powers.map((power) => power / sum);
}
