import type { OpenPeriod, PeriodRecord, PlannedProbe } from "../domain/records/index.js";

/** Periods, their plans and counts, and how long anything is kept. */
export type PeriodStore = {
  /** The period that is open, or null before the first. */
  getOpenPeriod(): Promise<OpenPeriod | null>;
  /** The newest period number ever opened and when it started; null before the first. */
  getNewestPeriod(): Promise<PeriodRecord | null>;
  /**
   * Closed periods, oldest first, whose report is missing, and of the newest three those whose report counts fewer requests than were
   * recorded: late answers came after it. At most `limit`.
   */
  getPeriodsToReport(limit: number): Promise<readonly OpenPeriod[]>;
  /** Closes whatever period is open and opens this one with its plan, in one transaction. */
  switchPeriod(next: PeriodRecord, probes: readonly PlannedProbe[]): Promise<void>;
  /**
   * Drops what belongs to the oldest period when more than `keptPeriods` are stored, and only that one: what is old is told by what is
   * there, never by a clock, and whatever goes wrong costs one period. Returns how many rows went.
   */
  deleteOldestPeriod(options: { readonly keptPeriods: number }): Promise<number>;
};
