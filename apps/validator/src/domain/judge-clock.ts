/** What the clocks say at one moment, Unix milliseconds. */
export type ClockReadings = {
  /** This machine's. */
  readonly wallMs: number;
  /** What it was taken to be, plus the time that has passed since by the monotonic clock; null at the start of the process. */
  readonly steadyMs: number | null;
  /** A clock of other machines: the chain's block time, or that of a database server elsewhere; null where it is not known. */
  readonly referenceMs: number | null;
};

/** What time to go by, and whether this machine's clock is believed. */
export type ClockJudgement = { readonly nowMs: number; readonly isWallTrusted: boolean };

/** How far a clock may be off the time that has passed: what setting it right in small steps does. */
const DRIFT_MS = 5_000;
/** How far the chain may be off: a block takes 12 s, its time is that of its making, and reading it takes a moment. */
const REFERENCE_TOLERANCE_MS = 120_000;

/** Whether the machine's clock is as far as the time that has passed says. */
export const areOneClock = (wallMs: number, steadyMs: number): boolean => Math.abs(wallMs - steadyMs) <= DRIFT_MS;

/**
 * Decides which clock to go by. This machine's own is believed when it agrees with the time that has passed, or with the others' clocks better
 * than that time does. One that does neither was set wrong, and everything goes on by elapsed time; one that is wrong from the start gives way
 * to the others'.
 */
export function judgeClock({ wallMs, steadyMs, referenceMs }: ClockReadings): ClockJudgement {
  const isNear = referenceMs !== null && Math.abs(wallMs - referenceMs) <= REFERENCE_TOLERANCE_MS;
  if (steadyMs !== null) {
    const isConfirmed = isNear && Math.abs(wallMs - referenceMs) < Math.abs(steadyMs - referenceMs);
    const isContinuous = areOneClock(wallMs, steadyMs);
    return isContinuous || isConfirmed ? { nowMs: wallMs, isWallTrusted: true } : { nowMs: steadyMs, isWallTrusted: false };
  }
  return referenceMs === null || isNear ? { nowMs: wallMs, isWallTrusted: true } : { nowMs: referenceMs, isWallTrusted: false };
}
