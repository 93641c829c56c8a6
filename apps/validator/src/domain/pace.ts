/** How fast a capacity may be used: it fills at its rate, and no more than the burst is saved up. */
export type Pace = { readonly unitsPerHour: number; readonly burstUnits: number };

const HOUR_MS = 3_600_000;
/** A request reaches its miner later than we count it, and the miner's own bucket begins to fill that much later. */
export const PACE_SLACK_MS = 1_000;

/**
 * Work units that are saved up, 0 to the burst.
 *
 * The whole state of a pace is the time at which nothing of it will be in use any more (`fullAtMs`), as in the generic cell rate algorithm:
 * one number, so that threads can share it.
 */
export function savedUnits(pace: Pace, fullAtMs: number, nowMs: number): number {
  const usedUnits = (Math.max(0, fullAtMs - nowMs) * pace.unitsPerHour) / HOUR_MS;
  return Math.max(0, pace.burstUnits - usedUnits);
}

/** Work units that one request may take: what is saved up, or any number where all of the burst is. */
export function pacedRoom(pace: Pace, fullAtMs: number, nowMs: number): number {
  const saved = savedUnits(pace, fullAtMs, nowMs);
  return saved < pace.burstUnits ? saved : Number.POSITIVE_INFINITY;
}

/**
 * Takes units: no more than are saved up, or any number where all of the burst is, to be paid off before the next. That is how a miner counts.
 *
 * @returns The new time at which nothing is in use any more; null where the units are not there yet.
 */
export function takePaced(pace: Pace, fullAtMs: number, units: number, nowMs: number): number | null {
  if (pacedRoom(pace, fullAtMs, nowMs) < units) return null;
  return Math.max(fullAtMs, nowMs + PACE_SLACK_MS) + pacedMs(pace, units);
}

/** How much later that time is for units more, or earlier for units that were not used after all; milliseconds. */
export function pacedMs({ unitsPerHour }: Pace, units: number): number {
  return (units * HOUR_MS) / unitsPerHour;
}

/** A pace and the time at which nothing of it will be in use any more. */
export type PaceState = { readonly pace: Pace; readonly fullAtMs: number };

/** That time under a new pace: as much is in use as was under the old one, and `usedUnits` more, but never more than is saved up. */
export function carryPace(before: PaceState | null, pace: Pace, usedUnits: number, nowMs: number): number {
  const carried = before === null ? 0 : (Math.max(0, before.fullAtMs - nowMs) * before.pace.unitsPerHour) / HOUR_MS;
  return nowMs + pacedMs(pace, Math.min(pace.burstUnits, carried + usedUnits));
}
