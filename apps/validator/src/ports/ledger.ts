/** A hold on some of a miner's capacity. */
export type Reservation = { readonly id: number; readonly hotkey: string; readonly taskId: string; readonly units: number };

/**
 * Who may still be asked for how much. In-process by default; several gateways share one through the same interface.
 *
 * Capacity is counted per period: declared capacity per hour times the period's length.
 */
export type CapacityLedger = {
  /** Sets the budgets of a new period, work units by miner and task. Reservations in flight stay valid. */
  startPeriod(budgets: readonly { readonly hotkey: string; readonly taskId: string; readonly units: number }[]): void;
  /** Takes units if they are free; null otherwise. Check and take are one step. */
  tryReserve(hotkey: string, taskId: string, units: number): Reservation | null;
  /** Gives a hold back. `usedUnits` stay taken until the next period. Calling twice changes nothing. */
  release(reservation: Reservation, usedUnits: number): void;
  /** All work units of the period, free or not; 0 for a miner that declared none. */
  budget(hotkey: string, taskId: string): number;
  /** Free work units. */
  free(hotkey: string, taskId: string): number;
  /** Requests in flight at a miner, all tasks. */
  inFlight(hotkey: string): number;
};
