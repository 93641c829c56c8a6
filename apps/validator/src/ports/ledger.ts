import type { LedgerBudget } from "../domain/declared-budget.js";

/** A hold on some of a miner's capacity. */
export type Reservation = { readonly id: number; readonly hotkey: string; readonly taskId: string; readonly units: number };

/**
 * Who may still be asked for how much. In this process's memory by default; several processes share one through the same interface.
 *
 * Capacity is counted per period: declared capacity per hour times the period's length. Within it no more is asked for than the declared
 * rate and what is saved up of it: a miner need not answer a burst that it never declared, so it must not be asked for one.
 */
export type CapacityLedger = {
  /**
   * Sets the budgets of a new period by miner and task. Reservations in flight stay valid; what is saved up stays so.
   *
   * @param period - Its number, by which processes that share a ledger mean the same one; one more than the last if left out.
   */
  startPeriod(budgets: readonly LedgerBudget[], period?: number): void;
  /** Takes units if they are free; null otherwise. Check and take are one step. Never rejects. */
  tryReserve(hotkey: string, taskId: string, units: number): Reservation | null | Promise<Reservation | null>;
  /** Gives a hold back. `usedUnits` stay taken until the next period. Calling twice changes nothing. */
  release(reservation: Reservation, usedUnits: number): void;
  /** All work units of the period, free or not; 0 for a miner that declared none. */
  budget(hotkey: string, taskId: string): number;
  /** Work units that one request may take now. */
  free(hotkey: string, taskId: string): number;
  /** How idle a miner is at a task, 0 to 1: the share of the period's units that is left, or of the burst that is saved up, if that is less. */
  freeFraction(hotkey: string, taskId: string): number;
  /** Requests in flight at a miner, all tasks. */
  inFlight(hotkey: string): number;
};

/** A ledger that asks nobody, and so answers at once. */
export type LocalLedger = Omit<CapacityLedger, "tryReserve"> & {
  tryReserve(hotkey: string, taskId: string, units: number): Reservation | null;
};
