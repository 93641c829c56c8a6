import type { Decay } from "../decay.js";
import { onGrid } from "../exact-sum.js";
import { clamp } from "../numbers.js";
import type { AnswerSample } from "../observation.js";

/** Verdicts by the hour. */
export type HourVerdict = {
  /** Mean over the hours of the mean verdict of each, 0 to 1; 0 without an answer. */
  readonly meanHourVerdict: number;
  /** Number of hours, each by its weight; the newest weighs 1. */
  readonly hourWeightSum: number;
};

/** Hours of a record that are told apart; what is older counts as one hour with the oldest of them. Twelve weeks. */
const HOURS = 2016;

/**
 * Mean verdict in which every hour counts once, however many of its answers were checked: hardware is turned off by the hour, and a large
 * draw, which anybody can tell, has forty times the checks of an hour in which little is asked.
 *
 * The same in any order of samples. Hours begin at multiples of an hour's periods, so that a new sample never parts old ones otherwise.
 *
 * @param decay - By age in periods; the newest hour has age 0.
 */
export function createHourVerdict(decay: Decay, periodsPerHour: number): (samples: readonly AnswerSample[]) => HourVerdict {
  const counts = new Float64Array(HOURS);
  const sums = new Float64Array(HOURS);
  const hourOf = (period: number) => Math.floor(period / periodsPerHour);
  return (samples) => {
    let newest = Number.NEGATIVE_INFINITY;
    for (const { period } of samples) if (Number.isFinite(period) && period > newest) newest = period;
    const newestHour = hourOf(newest);
    let oldestAge = -1;
    for (const { period, qualityFraction } of samples) {
      if (!Number.isFinite(period)) continue;
      const hours = newestHour - hourOf(period);
      const age = hours < HOURS ? hours : HOURS - 1;
      counts[age] = (counts[age] ?? 0) + 1;
      sums[age] = (sums[age] ?? 0) + onGrid(clamp(qualityFraction, 1));
      if (age > oldestAge) oldestAge = age;
    }
    let weightSum = 0;
    let verdictSum = 0;
    for (let age = 0; age <= oldestAge; age += 1) {
      const count = counts[age] ?? 0;
      if (count === 0) continue;
      const weight = decay(age * periodsPerHour);
      weightSum += weight;
      verdictSum += weight * ((sums[age] ?? 0) / count);
      counts[age] = 0;
      sums[age] = 0;
    }
    return { meanHourVerdict: weightSum > 0 ? clamp(verdictSum / weightSum, 1) : 0, hourWeightSum: weightSum };
  };
}
