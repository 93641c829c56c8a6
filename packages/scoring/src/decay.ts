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
  // Filled as ages are asked for: most epochs ask for a few, and a whole table takes longer to make than a small epoch to score.
  const table = new Float64Array(TABLE_LENGTH);
  return (agePeriods) => {
    const age = Math.max(agePeriods, 0);
    const known = table[age];
    if (known !== undefined && known > 0) return known;
    const weight = power(2, age * perPeriod);
    // A fractional index, or one beyond the table, finds nothing in it and is computed every time.
    if (known === 0) table[age] = weight;
    return weight;
  };
}
