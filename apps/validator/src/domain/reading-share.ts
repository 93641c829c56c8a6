/** Replies that take less than this to read cost nothing, if they answer enough for it; see {@link freeReadingMs}. */
const FREE_MS = 10;
/** What reading a reply takes at most that answers nothing: a head, a refusal. */
const FREE_EMPTY_MS = 1;
/** A streamed token takes a quarter of it. */
const FREE_PER_UNIT_MS = 0.2;
/** Share of the loop's time that reading one miner's costlier replies may take. */
const SHARE = 0.1;
/** What a miner may use at once after it was cheap: its share of a second. */
const BURST_MS = 1_000 * SHARE;
/** Longest memory: whoever owes more was stopped by other means, or is not to blame for all of it. */
const MAX_DEBT_MS = 30_000 * SHARE;
/** More miners than a subnet has. */
const MAX_MINERS = 4_096;

/** How much of the loop the reading of each miner's replies took lately. */
export type ReadingShare = {
  /** How long this miner has to wait before it may be asked, milliseconds; 0: now. */
  waitMs(hotkey: string, nowMs: number): number;
  /** It is asked: what reading its last reply cost is owed at once, so that requests under way do not count as free. */
  start(hotkey: string, nowMs: number): ReadingTicket;
};

/** One request of a miner that was asked. */
export type ReadingTicket = {
  /** Its reply was read, and that took so long; up to `freeMs` it costs nothing. */
  end(heldMs: number, nowMs: number, freeMs?: number): void;
};

type Account = { readonly debtMs: number; readonly atMs: number; readonly expectedMs: number };

/**
 * How long reading a reply may take at no cost, milliseconds: by what it answers, so that many that are cheap enough each and answer nothing
 * do not fill the loop.
 *
 * @param deliveredUnits - Work units of a stream, good or broken off; null for a good answer that came as a whole.
 */
export function freeReadingMs(deliveredUnits: number | null): number {
  return deliveredUnits === null ? FREE_MS : Math.min(FREE_MS, FREE_EMPTY_MS + FREE_PER_UNIT_MS * deliveredUnits);
}

/**
 * Accounts by miner, each paid off with a tenth of the time that passes. Monotonic milliseconds. A miner whose replies are cheap to read has
 * none and never waits.
 */
export function createReadingShare(): ReadingShare {
  const accounts = new Map<string, Account>();

  const debtOf = (hotkey: string, nowMs: number): number => {
    const account = accounts.get(hotkey);
    return account === undefined ? 0 : Math.max(0, account.debtMs - (nowMs - account.atMs) * SHARE);
  };

  const book = (hotkey: string, account: Account): void => {
    accounts.delete(hotkey);
    const isForgotten = account.debtMs <= 0 && account.expectedMs === 0;
    if (isForgotten) return;
    const [oldest] = accounts.keys();
    if (accounts.size >= MAX_MINERS && oldest !== undefined) accounts.delete(oldest);
    accounts.set(hotkey, account);
  };

  return {
    waitMs: (hotkey, nowMs) => Math.ceil(Math.max(0, debtOf(hotkey, nowMs) - BURST_MS) / SHARE),
    start(hotkey, nowMs) {
      const reservedMs = accounts.get(hotkey)?.expectedMs ?? 0;
      if (reservedMs > 0) book(hotkey, { debtMs: debtOf(hotkey, nowMs) + reservedMs, atMs: nowMs, expectedMs: reservedMs });
      return {
        end(heldMs, endedAtMs, freeMs = FREE_MS) {
          const costMs = heldMs > freeMs ? heldMs : 0;
          const lastMs = accounts.get(hotkey)?.expectedMs ?? 0;
          // One cheap reply between costly ones is no sign of betterment, several are.
          const halvedMs = lastMs / 2 > freeMs ? lastMs / 2 : 0;
          const debtMs = Math.min(MAX_DEBT_MS, Math.max(0, debtOf(hotkey, endedAtMs) + costMs - reservedMs));
          book(hotkey, { debtMs, atMs: endedAtMs, expectedMs: Math.max(costMs, halvedMs) });
        },
      };
    },
  };
}
