import { randomUUID } from "node:crypto";
import type { KeyUsage } from "../domain/records/index.js";
import type { Clock, Logger, UsageStore } from "../ports/index.js";
import { flushLater } from "./flush-later.js";

/** Counts what keys use in memory and writes it down once in a while, so that a request costs no statement. */
export type UsageBook = {
  note(use: Pick<KeyUsage, "keyId" | "taskId" | "promptTokens" | "units"> & { readonly isError: boolean }): void;
  /** Writes what is counted. What cannot be written is kept for the next time. Never rejects. */
  flush(): Promise<void>;
};

/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;
/** As much as a process that is killed forgets. */
const FLUSH_EVERY_MS = 30_000;

/** The day of a time, counted from 1970 in UTC. */
export function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS);
}

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

/** An empty book. `closing` ends the wait for the next writing; whoever aborts it flushes. */
export function createUsageBook(dependencies: {
  readonly store: Pick<UsageStore, "addUsage">;
  readonly clock: Pick<Clock, "nowMs" | "sleep">;
  readonly logger: Pick<Logger, "warn">;
  readonly closing: AbortSignal;
}): UsageBook {
  const { store, clock, logger, closing } = dependencies;
  const writer = randomUUID();
  let counted = new Map<string, KeyUsage>();
  /** Perhaps written, if only the answer was lost: it goes again as it was, and counts once. */
  let unsure: readonly KeyUsage[] = [];
  let sequence = 0;
  let writing: Promise<void> = Promise.resolve();

  const write = async () => {
    try {
      while (unsure.length > 0 || counted.size > 0) {
        if (unsure.length === 0) {
          unsure = [...counted.values()];
          counted = new Map();
          sequence += 1;
        }
        await store.addUsage(unsure, { writer, sequence });
        unsure = [];
      }
    } catch (error) {
      schedule();
      logger.warn("What keys used could not be written; it is tried again", { rows: unsure.length, error });
    }
  };
  const flush = () => {
    writing = writing.then(write);
    return writing;
  };
  const schedule = flushLater(flush, { afterMs: FLUSH_EVERY_MS, clock, closing });

  return {
    note({ isError, ...use }) {
      add(counted, { ...use, day: dayOf(clock.nowMs()), requests: 1, errors: isError ? 1 : 0 });
      schedule();
    },
    flush,
  };
}
