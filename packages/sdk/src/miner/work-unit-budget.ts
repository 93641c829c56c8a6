import { capacityBurstUnits } from "@vision/protocol";

/** What was taken from a budget, until it is known what was really used. */
export type BudgetReservation = {
  /** Gives back what was not used. Later calls do nothing. */
  settle(usedUnits: number): void;
};

/** Whether work units could be taken; if not, when it is worth another try. */
export type BudgetDecision =
  | { readonly ok: true; readonly reservation: BudgetReservation }
  | { readonly ok: false; readonly retryAfterMs: number };

/** The work units that one validator may use of one task: a token bucket that fills at the capacity the validator was told. */
export type WorkUnitBudget = {
  reserve(units: number, nowMs: number): BudgetDecision;
  /** Changes the rate; what has been saved up is kept, up to the new burst. */
  setCapacity(capacityPerHour: number, nowMs: number): void;
};

/** What a budget holds and how it refills. Capacity in work units an hour. */
export type WorkUnitBudgetOptions = {
  readonly capacityPerHour: number;
  /** How much of an hour can be saved up, as a fraction of the capacity. */
  readonly burstFraction: number;
  /** Units of a typical request: the burst holds at least two of them, else small capacities could never be used. */
  readonly typicalUnits: number;
};

const HOUR_MS = 3_600_000;

/**
 * A full bucket. A request larger than the bucket is admitted when the bucket is full, and the debt is paid off before the next one.
 */
export function createWorkUnitBudget(options: WorkUnitBudgetOptions, startMs: number): WorkUnitBudget {
  let capacityPerHour = options.capacityPerHour;
  const burst = () => capacityBurstUnits(capacityPerHour, options.typicalUnits, options.burstFraction);
  let balance = burst();
  let updatedMs = startMs;

  const refill = (nowMs: number) => {
    const elapsedMs = Math.max(0, nowMs - updatedMs);
    updatedMs = nowMs;
    balance = Math.min(burst(), balance + (elapsedMs * capacityPerHour) / HOUR_MS);
  };

  return {
    reserve(units, nowMs) {
      refill(nowMs);
      if (capacityPerHour <= 0) return { ok: false, retryAfterMs: HOUR_MS };
      const needed = Math.min(units, burst());
      if (balance < needed) return { ok: false, retryAfterMs: Math.ceil(((needed - balance) * HOUR_MS) / capacityPerHour) };
      balance -= units;
      let isOpen = true;
      return {
        ok: true,
        reservation: {
          settle(usedUnits) {
            if (!isOpen) return;
            isOpen = false;
            balance = Math.min(burst(), balance + units - Math.max(0, usedUnits));
          },
        },
      };
    },
    setCapacity(next, nowMs) {
      refill(nowMs);
      capacityPerHour = next;
      balance = Math.min(burst(), balance);
    },
  };
}
