import { carryPace, type Pace, pacedMs, pacedRoom, savedUnits, takePaced } from "../domain/pace.js";
import type { LocalLedger, Reservation } from "../ports/index.js";
import { processMonotonicMs } from "./monotonic.js";

type Account = {
  readonly budgetUnits: number;
  readonly pace: Pace | null;
  takenUnits: number;
  /** Of the pace; without one it means nothing. */
  fullAtMs: number;
};

const keyOf = (hotkey: string, taskId: string) => `${hotkey} ${taskId}`;

/**
 * A {@link CapacityLedger} in this process's memory. Units held by requests of the last period do not count against the new one: their
 * work was announced for the old one.
 *
 * @param monotonicMs - What time is counted by; never goes back.
 */
export function createInProcessLedger(monotonicMs: () => number = processMonotonicMs): LocalLedger {
  let accounts = new Map<string, Account>();
  const holds = new Map<number, Account>();
  const inFlight = new Map<string, number>();
  let lastId = 0;

  const leftOf = ({ budgetUnits, takenUnits }: Account) => Math.max(0, budgetUnits - takenUnits);

  return {
    startPeriod(budgets) {
      const before = accounts;
      const nowMs = monotonicMs();
      accounts = new Map(
        budgets.map(({ hotkey, taskId, units, pace = null, usedUnits = 0 }) => {
          const key = keyOf(hotkey, taskId);
          const last = before.get(key);
          const lastPace = last === undefined || last.pace === null ? null : { pace: last.pace, fullAtMs: last.fullAtMs };
          const fullAtMs = pace === null ? 0 : carryPace(lastPace, pace, usedUnits, nowMs);
          return [key, { budgetUnits: Number.isFinite(units) ? Math.max(0, units) : 0, pace, takenUnits: usedUnits, fullAtMs }];
        }),
      );
    },
    tryReserve(hotkey, taskId, units): Reservation | null {
      const account = accounts.get(keyOf(hotkey, taskId));
      if (account === undefined || !(units >= 0) || leftOf(account) < units) return null;
      if (account.pace !== null) {
        const fullAtMs = takePaced(account.pace, account.fullAtMs, units, monotonicMs());
        if (fullAtMs === null) return null;
        account.fullAtMs = fullAtMs;
      }
      account.takenUnits += units;
      lastId += 1;
      holds.set(lastId, account);
      inFlight.set(hotkey, (inFlight.get(hotkey) ?? 0) + 1);
      return { id: lastId, hotkey, taskId, units };
    },
    release(reservation, usedUnits) {
      const account = holds.get(reservation.id);
      if (account === undefined) return;
      holds.delete(reservation.id);
      const moreUnits = Math.max(0, usedUnits) - reservation.units;
      account.takenUnits = Math.max(0, account.takenUnits + moreUnits);
      // The budget was the old period's; what is saved up goes on in the new one.
      const paced = accounts.get(keyOf(reservation.hotkey, reservation.taskId));
      if (paced !== undefined && paced.pace !== null) paced.fullAtMs += pacedMs(paced.pace, moreUnits);
      const left = (inFlight.get(reservation.hotkey) ?? 1) - 1;
      if (left > 0) inFlight.set(reservation.hotkey, left);
      else inFlight.delete(reservation.hotkey);
    },
    budget: (hotkey, taskId) => accounts.get(keyOf(hotkey, taskId))?.budgetUnits ?? 0,
    free(hotkey, taskId) {
      const account = accounts.get(keyOf(hotkey, taskId));
      if (account === undefined) return 0;
      const { pace, fullAtMs } = account;
      return pace === null ? leftOf(account) : Math.min(leftOf(account), pacedRoom(pace, fullAtMs, monotonicMs()));
    },
    freeFraction(hotkey, taskId) {
      const account = accounts.get(keyOf(hotkey, taskId));
      if (account === undefined || account.budgetUnits === 0) return 0;
      const { pace, fullAtMs, budgetUnits } = account;
      const savedFraction = pace === null ? 1 : savedUnits(pace, fullAtMs, monotonicMs()) / pace.burstUnits;
      return Math.min(leftOf(account) / budgetUnits, savedFraction);
    },
    inFlight: (hotkey) => inFlight.get(hotkey) ?? 0,
  };
}
