import { carryPace, type Pace, type PaceState, pacedMs, pacedRoom, savedUnits, takePaced } from "../domain/pace.js";
import type { LocalLedger, Reservation } from "../ports/index.js";
import { processMonotonicMs } from "./monotonic.js";

/** One period's accounts in shared memory. Passing it to another thread shares the memory; nothing is copied but the names. */
export type SharedPeriod = {
  /**
   * Three 64-bit cells an account: its budget and what is used or held of it, in millionths of a unit, and the time at which nothing of its
   * pace will be in use any more, in microseconds.
   */
  readonly accounts: SharedArrayBuffer;
  /** One 32-bit cell a miner: requests in flight, whichever period they belong to. */
  readonly inFlight: SharedArrayBuffer;
  /** One 32-bit cell: of how many processes each may go at its share of the pace; 0 or 1 where this one may go at all of it. */
  readonly share: SharedArrayBuffer;
  readonly names: readonly SharedAccount[];
};

type SharedAccount = { readonly hotkey: string; readonly taskId: string; readonly cell: number; readonly pace: Pace | null };

/** A ledger that other threads can work on as well. The thread that made it starts the periods. */
export type SharedLedger = LocalLedger & {
  /** The running period, for a thread that starts now. */
  period(): SharedPeriod;
  /** Calls the listener with every new period, for the other threads. Returns a function that stops it. */
  onPeriod(listener: (period: SharedPeriod) => void): () => void;
  /** Says what is taken elsewhere of this period, in the place of what was said before: other processes, other machines. */
  setOthers(hotkey: string, taskId: string, takenUnits: number): void;
  /** What was said last; at first the units that the period began with. */
  others(hotkey: string, taskId: string): number;
  /** Says how many requests others have in flight at a miner of this period, in the place of what was said before. */
  setOthersInFlight(hotkey: string, requests: number): void;
  /** Says when nothing of a pace will be in use any more, all processes together; by the ledger's own clock, milliseconds. */
  setFullAt(hotkey: string, taskId: string, fullAtMs: number): void;
  /** From now on only one of so many parts of every pace may be used, because nobody knows what others use. 1 for all of it. */
  setShare(processes: number): void;
};

/** The ledger of another thread, on the same memory. */
export type FollowingLedger = Omit<LocalLedger, "startPeriod"> & {
  /** Works on this period from now on. Holds taken before are given back to the period that they were taken from. */
  follow(period: SharedPeriod): void;
};

const MICROS = 1_000_000;
const CELLS_PER_ACCOUNT = 3;
const BUDGET = 0;
const TAKEN = 1;
const FULL_AT = 2;
/** Keeps sums of budgets and holds far from 64 bits. */
const MOST_UNITS = 1e11;
/** Miners that are counted at a time; a subnet has 256, and who left is forgotten once nothing is in flight. */
const MAX_MINERS = 4_096;

const keyOf = (hotkey: string, taskId: string) => `${hotkey} ${taskId}`;
const toMicros = (units: number) => BigInt(Math.round(Math.min(MOST_UNITS, Math.max(0, Number.isNaN(units) ? 0 : units)) * MICROS));
const toUnits = (micros: bigint) => Number(micros) / MICROS;
const toMicroseconds = (ms: number) => BigInt(Math.round(ms * 1_000));

type Account = { readonly cells: BigInt64Array; readonly at: number; readonly cell: number; readonly pace: Pace | null };
const fullAtMsOf = (cells: BigInt64Array, at: number) => Number(Atomics.load(cells, at + FULL_AT)) / 1_000;

type Hold = { readonly account: Account; readonly micros: bigint; readonly inFlight: Int32Array };

/**
 * A ledger on a period of shared memory. Check and take are one compare-and-exchange, so no lock is left behind by a thread that dies; what
 * such a thread held stays taken until the next period, because its miners may still be at work.
 *
 * @param monotonicMs - What time is counted by, the same in all threads; never goes back.
 */
export function createFollowingLedger(first: SharedPeriod, monotonicMs: () => number = processMonotonicMs): FollowingLedger {
  const holds = new Map<number, Hold>();
  let accounts = new Map<string, Account>();
  let minerCells = new Map<string, number>();
  let inFlight = new Int32Array(first.inFlight);
  let share = new Int32Array(first.share);
  let lastId = 0;

  const budgetOf = ({ cells, at }: Account) => Atomics.load(cells, at + BUDGET);
  const leftOf = (account: Account) => {
    const left = budgetOf(account) - Atomics.load(account.cells, account.at + TAKEN);
    return left > 0n ? toUnits(left) : 0;
  };

  function tryTake(account: Account, micros: bigint): boolean {
    const { cells, at } = account;
    for (let taken = Atomics.load(cells, at + TAKEN); budgetOf(account) - taken >= micros; ) {
      const seen = Atomics.compareExchange(cells, at + TAKEN, taken, taken + micros);
      if (seen === taken) return true;
      taken = seen;
    }
    return false;
  }

  /** A time at which all will be free is the same for a part of the pace: only the rate and the burst are parted. */
  function paceOf({ pace }: Account): Pace | null {
    const processes = Math.max(1, Atomics.load(share, 0));
    if (pace === null || processes === 1) return pace;
    return { unitsPerHour: pace.unitsPerHour / processes, burstUnits: pace.burstUnits / processes };
  }

  function tryTakePace({ cells, at }: Account, pace: Pace, units: number): boolean {
    for (let seen = Atomics.load(cells, at + FULL_AT); ; ) {
      const fullAtMs = takePaced(pace, Number(seen) / 1_000, units, monotonicMs());
      if (fullAtMs === null) return false;
      const found = Atomics.compareExchange(cells, at + FULL_AT, seen, toMicroseconds(fullAtMs));
      if (found === seen) return true;
      seen = found;
    }
  }

  const ledger: FollowingLedger = {
    follow(period) {
      const cells = new BigInt64Array(period.accounts);
      accounts = new Map(
        period.names.map(({ hotkey, taskId, cell, pace }, index) => [
          keyOf(hotkey, taskId),
          { cells, at: index * CELLS_PER_ACCOUNT, cell, pace },
        ]),
      );
      // A miner that left may still have requests in flight; its cell is known until the next period at least.
      minerCells = new Map([...minerCells, ...period.names.map(({ hotkey, cell }) => [hotkey, cell] as const)]);
      const taken = new Map(period.names.map(({ hotkey, cell }) => [cell, hotkey]));
      inFlight = new Int32Array(period.inFlight);
      share = new Int32Array(period.share);
      for (const [hotkey, cell] of minerCells) {
        const owner = taken.get(cell);
        if (owner === undefined ? Atomics.load(inFlight, cell) === 0 : owner !== hotkey) minerCells.delete(hotkey);
      }
    },
    tryReserve(hotkey, taskId, units): Reservation | null {
      const account = accounts.get(keyOf(hotkey, taskId));
      if (account === undefined || !(units >= 0) || units > MOST_UNITS) return null;
      const micros = toMicros(units);
      if (!tryTake(account, micros)) return null;
      const pace = paceOf(account);
      if (pace !== null && !tryTakePace(account, pace, units)) {
        Atomics.sub(account.cells, account.at + TAKEN, micros);
        return null;
      }
      Atomics.add(inFlight, account.cell, 1);
      lastId += 1;
      holds.set(lastId, { account, micros, inFlight });
      return { id: lastId, hotkey, taskId, units };
    },
    release(reservation, usedUnits) {
      const hold = holds.get(reservation.id);
      if (hold === undefined) return;
      holds.delete(reservation.id);
      const { account, micros } = hold;
      Atomics.add(account.cells, account.at + TAKEN, toMicros(usedUnits) - micros);
      Atomics.sub(hold.inFlight, account.cell, 1);
      // The budget was the old period's; what is saved up goes on in the new one.
      const paced = accounts.get(keyOf(reservation.hotkey, reservation.taskId));
      const pace = paced === undefined ? null : paceOf(paced);
      if (paced === undefined || pace === null) return;
      const laterMs = pacedMs(pace, Math.min(MOST_UNITS, Math.max(0, usedUnits)) - reservation.units);
      Atomics.add(paced.cells, paced.at + FULL_AT, toMicroseconds(laterMs));
    },
    budget(hotkey, taskId) {
      const account = accounts.get(keyOf(hotkey, taskId));
      return account === undefined ? 0 : toUnits(budgetOf(account));
    },
    free(hotkey, taskId) {
      const account = accounts.get(keyOf(hotkey, taskId));
      if (account === undefined) return 0;
      const { cells, at } = account;
      const pace = paceOf(account);
      return pace === null ? leftOf(account) : Math.min(leftOf(account), pacedRoom(pace, fullAtMsOf(cells, at), monotonicMs()));
    },
    freeFraction(hotkey, taskId) {
      const account = accounts.get(keyOf(hotkey, taskId));
      const budget = account === undefined ? 0 : toUnits(budgetOf(account));
      if (account === undefined || budget === 0) return 0;
      const { cells, at } = account;
      const pace = paceOf(account);
      const savedFraction = pace === null ? 1 : savedUnits(pace, fullAtMsOf(cells, at), monotonicMs()) / pace.burstUnits;
      return Math.min(leftOf(account) / budget, savedFraction);
    },
    inFlight(hotkey) {
      const cell = minerCells.get(hotkey);
      // What others have ended and what is heard of it may cross.
      return cell === undefined ? 0 : Math.max(0, Atomics.load(inFlight, cell));
    },
  };
  ledger.follow(first);
  return ledger;
}

/** A {@link CapacityLedger} in memory that threads share, with no period yet. Units are kept to a millionth. */
export function createSharedLedger(monotonicMs: () => number = processMonotonicMs): SharedLedger {
  const listeners = new Set<(period: SharedPeriod) => void>();
  const inFlight = new SharedArrayBuffer(MAX_MINERS * Int32Array.BYTES_PER_ELEMENT);
  const counts = new Int32Array(inFlight);
  const share = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  let minerCells = new Map<string, number>();
  /** By account, in millionths of a unit; and by miner. */
  let othersMicros = new Map<string, bigint>();
  const othersInFlight = new Map<string, number>();
  let indexes = new Map<string, number>();
  let period: SharedPeriod = { accounts: new SharedArrayBuffer(0), inFlight, share, names: [] };
  const own = createFollowingLedger(period, monotonicMs);

  /** How fast accounts of the running period were used, by name. */
  function paces(): ReadonlyMap<string, PaceState> {
    const cells = new BigInt64Array(period.accounts);
    const known = period.names.map(({ hotkey, taskId, pace }, index) => {
      const state = pace === null ? null : { pace, fullAtMs: fullAtMsOf(cells, index * CELLS_PER_ACCOUNT) };
      return [keyOf(hotkey, taskId), state] as const;
    });
    return new Map(known.flatMap(([key, state]) => (state === null ? [] : [[key, state] as const])));
  }

  /** Cells of this period's miners; others keep theirs while requests of theirs are in flight. */
  function assignCells(hotkeys: ReadonlySet<string>): void {
    for (const [hotkey, requests] of othersInFlight) {
      const cell = minerCells.get(hotkey);
      if (hotkeys.has(hotkey) || cell === undefined) continue;
      Atomics.sub(counts, cell, requests);
      othersInFlight.delete(hotkey);
    }
    const kept = [...minerCells].filter(([hotkey, cell]) => hotkeys.has(hotkey) || Atomics.load(counts, cell) > 0);
    minerCells = new Map(kept);
    const used = new Set(minerCells.values());
    let next = 0;
    for (const hotkey of hotkeys) {
      if (minerCells.has(hotkey)) continue;
      while (used.has(next)) next += 1;
      // More than any subnet holds: the last cell counts for all of them.
      const cell = Math.min(next, MAX_MINERS - 1);
      used.add(cell);
      minerCells.set(hotkey, cell);
    }
  }

  return {
    ...own,
    startPeriod(budgets) {
      assignCells(new Set(budgets.map(({ hotkey }) => hotkey)));
      const accounts = new SharedArrayBuffer(budgets.length * CELLS_PER_ACCOUNT * BigInt64Array.BYTES_PER_ELEMENT);
      const cells = new BigInt64Array(accounts);
      const before = paces();
      const nowMs = monotonicMs();
      for (const [index, { hotkey, taskId, units, pace, usedUnits = 0 }] of budgets.entries()) {
        const at = index * CELLS_PER_ACCOUNT;
        cells[at + BUDGET] = toMicros(Number.isFinite(units) ? units : 0);
        cells[at + TAKEN] = toMicros(usedUnits);
        if (pace === undefined) continue;
        cells[at + FULL_AT] = toMicroseconds(carryPace(before.get(keyOf(hotkey, taskId)) ?? null, pace, usedUnits, nowMs));
      }
      othersMicros = new Map(budgets.map(({ hotkey, taskId, usedUnits = 0 }) => [keyOf(hotkey, taskId), toMicros(usedUnits)]));
      indexes = new Map(budgets.map(({ hotkey, taskId }, index) => [keyOf(hotkey, taskId), index]));
      const names = budgets.map(({ hotkey, taskId, pace = null }) => ({
        ...{ hotkey, taskId, pace },
        cell: minerCells.get(hotkey) ?? MAX_MINERS - 1,
      }));
      period = { accounts, inFlight, share, names };
      own.follow(period);
      for (const listener of listeners) listener(period);
    },
    period: () => period,
    onPeriod(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setOthers(hotkey, taskId, takenUnits) {
      const key = keyOf(hotkey, taskId);
      const index = indexes.get(key);
      if (index === undefined) return;
      const micros = toMicros(takenUnits);
      const cells = new BigInt64Array(period.accounts);
      Atomics.add(cells, index * CELLS_PER_ACCOUNT + TAKEN, micros - (othersMicros.get(key) ?? 0n));
      othersMicros.set(key, micros);
    },
    others: (hotkey, taskId) => toUnits(othersMicros.get(keyOf(hotkey, taskId)) ?? 0n),
    setOthersInFlight(hotkey, requests) {
      const cell = minerCells.get(hotkey);
      if (cell === undefined) return;
      Atomics.add(counts, cell, requests - (othersInFlight.get(hotkey) ?? 0));
      othersInFlight.set(hotkey, requests);
    },
    setFullAt(hotkey, taskId, fullAtMs) {
      const index = indexes.get(keyOf(hotkey, taskId));
      if (index === undefined) return;
      Atomics.store(new BigInt64Array(period.accounts), index * CELLS_PER_ACCOUNT + FULL_AT, toMicroseconds(fullAtMs));
    },
    setShare(processes) {
      Atomics.store(new Int32Array(share), 0, processes);
    },
  };
}
