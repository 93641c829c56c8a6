import { VisionError } from "@vision/protocol";
import { safeUnits } from "./numbers.js";
import type { Observation, PeriodTally } from "./observation.js";
import { addToTally, emptyTally } from "./tally.js";

/**
 * Tally of one miner at one task in one period.
 *
 * A request belongs to the period that it was started in, however late it ended. Misses blamed on the validator or on nobody are in no
 * count (see `isCounted`).
 *
 * @param observations - Any order. Shape: all of one (hotkey, task); other periods are skipped; length 0 is allowed.
 * @param options - `declaredCapacityUnits` is what was announced for the whole period, in work units.
 * @throws {@link VisionError} `SCORING_MIXED_SERIES` if observations mix hotkeys or tasks.
 */
export function tallyPeriod(
  observations: readonly Observation[],
  options: { readonly period: number; readonly declaredCapacityUnits: number },
): PeriodTally {
  const first = observations[0];
  let counts = emptyTally;
  for (const observation of observations) {
    if (observation.hotkey !== first?.hotkey || observation.taskId !== first.taskId) {
      throw new VisionError({
        code: "SCORING_MIXED_SERIES",
        message: "A tally was asked for over observations of more than one miner or task.",
        hint: "Group the observations by hotkey and task first.",
        facts: { hotkey: observation.hotkey, taskId: observation.taskId },
      });
    }
    if (observation.period === options.period) counts = addToTally(counts, observation);
  }
  return { period: options.period, declaredCapacityUnits: safeUnits(options.declaredCapacityUnits), ...counts };
}
