import { randomUUID } from "node:crypto";
import { VisionError } from "@vision/protocol";
import { dayOf, monthOfDay } from "../domain/calendar.js";
import type { KeyUsage } from "../domain/records/index.js";
import type { Clock, Logger, UsageSpool, UsageStore, UsageWrite } from "../ports/index.js";
import { flushLater } from "./flush-later.js";

/** Counts what keys use in memory and writes it down soon after, so that a request costs no statement. */
export type UsageBook = {
  note(use: Pick<KeyUsage, "keyId" | "taskId" | "promptTokens" | "units"> & { readonly isError: boolean }): void;
  /** Work units that this process has noted of a key, of a month or, with null, ever. */
  notedUnits(keyId: string, month: number | null): number;
  /** Those of them that are known to be written. */
  writtenUnits(keyId: string, month: number | null): number;
  /**
   * Asks the store while nothing is being written, so that what it answers has in it just what is known to be written. Null, and nothing is
   * asked, where of some it is not known.
   */
  betweenWrites<Value>(ask: () => Promise<Value>): Promise<Value | null>;
  /** Writes what is counted. What cannot be written is kept for the next time. Never rejects. */
  flush(): Promise<void>;
  /** Leaves what is not written for the next process. */
  keep(): void;
};

/** As much as a process that is killed forgets, as of results. */
const FLUSH_EVERY_MS = 500;

function add(counted: Map<string, KeyUsage>, use: KeyUsage): void {
  const key = `${use.day} ${use.keyId} ${use.taskId}`;
  const known = counted.get(key);
  counted.set(
    key,
    known === undefined
      ? use
      : {
          ...use,
          requests: known.requests + use.requests,
          errors: known.errors + use.errors,
          promptTokens: known.promptTokens + use.promptTokens,
          units: known.units + use.units,
        },
  );
}

/** Sums of units by key, and by key and month. */
function createSums() {
  const sums = new Map<string, number>();
  const nameOf = (keyId: string, month: number | null) => (month === null ? keyId : `${keyId} ${month}`);
  const grow = (name: string, units: number) => sums.set(name, (sums.get(name) ?? 0) + units);
  return {
    add({ keyId, day, units }: Pick<KeyUsage, "keyId" | "day" | "units">) {
      if (units === 0) return;
      grow(keyId, units);
      grow(nameOf(keyId, monthOfDay(day)), units);
    },
    read: (keyId: string, month: number | null) => sums.get(nameOf(keyId, month)) ?? 0,
  };
}

/** An empty book. `closing` ends the wait for the next writing; whoever aborts it flushes, and then has the rest kept. */
export function createUsageBook(dependencies: {
  readonly store: Pick<UsageStore, "addUsage">;
  readonly clock: Pick<Clock, "nowMs" | "sleep">;
  readonly logger: Pick<Logger, "warn" | "error">;
  readonly closing: AbortSignal;
  /** Null, or left out, where what cannot be written before the end is forgotten. */
  readonly spool?: UsageSpool | null;
}): UsageBook {
  const { store, clock, logger, closing, spool = null } = dependencies;
  const writer = randomUUID();
  const noted = createSums();
  const written = createSums();
  let counted = new Map<string, KeyUsage>();
  /** Perhaps written, if only the answer was lost: it goes again as it was, and counts once. */
  let unsure: readonly KeyUsage[] = [];
  /** Of earlier processes. */
  const left: UsageWrite[] = [...(spool?.read() ?? [])];
  let sequence = 0;
  let isTold = false;
  let writing: Promise<void> = Promise.resolve();

  const takeCounted = () => {
    unsure = [...counted.values()];
    counted = new Map();
    sequence += 1;
  };
  /** What an earlier process wrote down and the database refuses must not keep this one from writing. */
  const addEarlier = async (earlier: UsageWrite) => {
    try {
      await store.addUsage(earlier.uses, earlier);
    } catch (error) {
      if (VisionError.isInstance(error, "STORE_UNREACHABLE")) throw error;
      logger.error("What keys used before an earlier stop is refused by the database and is lost", { rows: earlier.uses.length, error });
    }
  };
  const write = async () => {
    try {
      for (let [earlier] = left; earlier !== undefined; [earlier] = left) {
        await addEarlier(earlier);
        left.shift();
        if (left.length === 0) spool?.clear();
      }
      while (unsure.length > 0 || counted.size > 0) {
        if (unsure.length === 0) takeCounted();
        await store.addUsage(unsure, { writer, sequence });
        for (const use of unsure) written.add(use);
        unsure = [];
      }
      isTold = false;
    } catch (error) {
      schedule();
      // Once for each outage.
      if (!isTold) logger.warn("What keys used could not be written; it is tried again", { rows: unsure.length, error });
      isTold = true;
    }
  };
  const flush = () => {
    writing = writing.then(write);
    return writing;
  };
  const schedule = flushLater(flush, { afterMs: FLUSH_EVERY_MS, clock, closing });
  if (left.length > 0) void flush();

  return {
    note({ isError, ...use }) {
      const used = { ...use, day: dayOf(clock.nowMs()), requests: 1, errors: isError ? 1 : 0 };
      add(counted, used);
      noted.add(used);
      schedule();
    },
    notedUnits: noted.read,
    writtenUnits: written.read,
    betweenWrites(ask) {
      const asked = writing.then(() => (unsure.length > 0 || left.length > 0 ? null : ask()));
      writing = asked.then(
        () => undefined,
        () => undefined,
      );
      return asked;
    },
    flush,
    keep() {
      const uses = [...unsure, ...counted.values()];
      if (uses.length === 0 || spool === null) return;
      try {
        if (unsure.length > 0) spool.save({ writer, sequence, uses: unsure });
        if (counted.size > 0) spool.save({ writer, sequence: sequence + 1, uses: [...counted.values()] });
        logger.warn("What keys used could not be written and is kept for the next start", { rows: uses.length });
      } catch (error) {
        logger.error("What keys used could neither be written nor kept", { rows: uses.length, error });
      }
    },
  };
}
