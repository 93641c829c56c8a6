import type { CapacityLedger, Reservation } from "../ports/index.js";

type Account = { budgetUnits: number; usedUnits: number; heldUnits: number };

const keyOf = (hotkey: string, taskId: string) => `${hotkey} ${taskId}`;

/**
 * A {@link CapacityLedger} in this process's memory. Units held by requests of the last period do not count against the new one: their
 * work was announced for the old one.
 */
export function createInProcessLedger(): CapacityLedger {
  let accounts = new Map<string, Account>();
  const holds = new Map<number, Account>();
  const inFlight = new Map<string, number>();
  let lastId = 0;

  const freeOf = (account: Account | undefined) =>
    account === undefined ? 0 : Math.max(0, account.budgetUnits - account.usedUnits - account.heldUnits);

  return {
    startPeriod(budgets) {
      accounts = new Map(
        budgets.map(({ hotkey, taskId, units }) => [
          keyOf(hotkey, taskId),
          { budgetUnits: Number.isFinite(units) ? Math.max(0, units) : 0, usedUnits: 0, heldUnits: 0 },
        ]),
      );
    },
    tryReserve(hotkey, taskId, units): Reservation | null {
      const account = accounts.get(keyOf(hotkey, taskId));
      if (account === undefined || !(units >= 0) || freeOf(account) < units) return null;
      account.heldUnits += units;
      lastId += 1;
      holds.set(lastId, account);
      inFlight.set(hotkey, (inFlight.get(hotkey) ?? 0) + 1);
      return { id: lastId, hotkey, taskId, units };
    },
    release(reservation, usedUnits) {
      const account = holds.get(reservation.id);
      if (account === undefined) return;
      holds.delete(reservation.id);
      account.heldUnits = Math.max(0, account.heldUnits - reservation.units);
      account.usedUnits += Math.max(0, usedUnits);
      const left = (inFlight.get(reservation.hotkey) ?? 1) - 1;
      if (left > 0) inFlight.set(reservation.hotkey, left);
      else inFlight.delete(reservation.hotkey);
    },
    budget: (hotkey, taskId) => accounts.get(keyOf(hotkey, taskId))?.budgetUnits ?? 0,
    free: (hotkey, taskId) => freeOf(accounts.get(keyOf(hotkey, taskId))),
    inFlight: (hotkey) => inFlight.get(hotkey) ?? 0,
  };
}
