/** What this process has taken of one budget: work units in all, those of requests under way, and how many of these there are. */
type OwnUse = { takenUnits: number; heldUnits: number; requests: number };

/** Whose budget, of which period. */
export type Account = { readonly period: number; readonly hotkey: string; readonly taskId: string };

/** What this process has taken, so that it can be said at any time to who has forgotten it. */
export type OwnUses = {
  take(account: Account, units: number): void;
  /** Ends a request that {@link OwnUses.take} was called for; `usedUnits` stay taken. */
  end(account: Account, units: number, usedUnits: number): void;
  /** Work units that were taken of it. */
  takenUnits(account: Account): number;
  all(): readonly (Account & OwnUse)[];
  /** Forgets periods before this one, but for requests that are under way. */
  forgetBefore(period: number): void;
};

const keyOf = ({ period, hotkey, taskId }: Account) => `${period} ${hotkey} ${taskId}`;

/** Nothing taken yet. */
export function createOwnUses(): OwnUses {
  const uses = new Map<string, Account & OwnUse>();
  return {
    take(account, units) {
      const use = uses.get(keyOf(account)) ?? { ...account, takenUnits: 0, heldUnits: 0, requests: 0 };
      uses.set(keyOf(account), use);
      use.takenUnits += units;
      use.heldUnits += units;
      use.requests += 1;
    },
    end(account, units, usedUnits) {
      const use = uses.get(keyOf(account));
      if (use === undefined) return;
      use.takenUnits += usedUnits - units;
      use.heldUnits -= units;
      use.requests -= 1;
    },
    takenUnits: (account) => uses.get(keyOf(account))?.takenUnits ?? 0,
    all: () => [...uses.values()],
    forgetBefore(period) {
      for (const [key, use] of uses) if (use.period < period && use.requests === 0) uses.delete(key);
    },
  };
}
