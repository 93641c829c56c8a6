/** The requests that may run at the same time on one task, divided fairly among the validators that ask. */
export type SlotPool = {
  /** A function that gives the slot back (more calls do nothing), or `null` when this validator has to wait. */
  tryAcquire(validator: string, nowMs: number): (() => void) | null;
  /** Changes how many there are. What runs goes on; nothing more begins until fewer run. */
  resize(slots: number): void;
  /** Slots in use. */
  readonly usedSlots: number;
};

/** How many requests may run at the same time. */
export type SlotPoolOptions = {
  readonly slots: number;
  /** How long after its last request a validator still has its share kept free, milliseconds. */
  readonly activeWindowMs: number;
  /** Whether a validator may come that is not active, when so many are. */
  readonly mayMoreCome: (activeCount: number) => boolean;
};

const KEPT_FRACTION = 1 / 8; // of the slots, for validators that are not there yet: with fewer than 8 slots, none

/**
 * Slots with a guaranteed share: each active validator can always have `floor(slots / active)` of them, at least one while any is free.
 * More is granted only from what is not kept for others, so a single validator alone has all of them. While more may come, the last
 * eighth goes only to validators that have none, so that one that comes is not told that the miner is full.
 */
export function createSlotPool({ slots: startSlots, activeWindowMs, mayMoreCome }: SlotPoolOptions): SlotPool {
  let slots = startSlots;
  const validators = new Map<string, { used: number; lastSeenMs: number }>();
  let usedSlots = 0;

  const forgetIdle = (nowMs: number) => {
    for (const [address, state] of validators) {
      if (state.used === 0 && state.lastSeenMs < nowMs - activeWindowMs) validators.delete(address);
    }
  };

  return {
    tryAcquire(validator, nowMs) {
      forgetIdle(nowMs);
      const own = validators.get(validator) ?? { used: 0, lastSeenMs: nowMs };
      own.lastSeenMs = nowMs;
      validators.set(validator, own);
      const free = slots - usedSlots;
      const kept = mayMoreCome(validators.size) ? Math.floor(slots * KEPT_FRACTION) : 0;
      if (free <= (own.used === 0 ? 0 : kept)) return null;
      const share = Math.max(1, Math.floor((slots - kept) / validators.size));
      if (own.used >= share) {
        let keptForOthers = 0;
        for (const [address, state] of validators) if (address !== validator) keptForOthers += Math.max(0, share - state.used);
        if (free - 1 < keptForOthers) return null;
      }
      own.used += 1;
      usedSlots += 1;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        own.used -= 1;
        usedSlots -= 1;
      };
    },
    resize(next) {
      slots = next;
    },
    get usedSlots() {
      return usedSlots;
    },
  };
}
