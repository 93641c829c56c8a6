import { power } from "./power.js";

/** Weight of something by its age in periods: 1 at age 0, half after each half-life. */
export type Decay = (agePeriods: number) => number;

/**
 * Weight that stays 1 until `full` hours and falls in a straight line to nothing at `none`: what leaves a record has no weight left to lose.
 */
export function createLinearFade(hours: { readonly full: number; readonly none: number }, periodsPerHour: number): Decay {
  const full = hours.full * periodsPerHour;
  const fading = Math.max(hours.none * periodsPerHour - full, Number.MIN_VALUE);
  return (agePeriods) => Math.min(1, Math.max(0, 1 - (agePeriods - full) / fading));
}

const TABLE_LENGTH = 2048;

/**
 * Exponential decay with a half-life in hours, whatever the length of a period. Ages below 0 (a row newer than the epoch) count as 0.
 *
 * @param halfLifeHours - Greater than 0.
 */
export function createDecay(halfLifeHours: number, periodsPerHour: number): Decay {
  const perPeriod = -1 / (halfLifeHours * periodsPerHour);
  const table = new Float64Array(TABLE_LENGTH);
  for (let age = 0; age < TABLE_LENGTH; age += 1) table[age] = power(2, age * perPeriod);
  return (agePeriods) => {
    const age = Math.max(agePeriods, 0);
    // A fractional index finds nothing in the table and is computed.
    return table[age] ?? power(2, age * perPeriod);
  };
}
