import { estimateJsonBytes } from "../domain/estimate-json-bytes.js";
import type { SharedRequestRecord } from "../domain/records/index.js";
import type { Clock, Logger, SharedRequestStore } from "../ports/index.js";
import { flushLater } from "./flush-later.js";
import type { SingleRequest } from "./read-requests.js";

/** Requests of keys that share them, on their way to the store. */
export type SharedBook = {
  /** A request of such a key. */
  begin(request: { readonly keyId: string; readonly taskId: string; readonly atMs: number }): {
    /** A miner saw it. */
    tried(hotkey: string): void;
    /** It was answered and is kept. */
    keep(singles: readonly Pick<SingleRequest, "request">[]): void;
  };
  /** Writes what is there; what cannot be written is given up, for there will be others. Never rejects. */
  flush(): Promise<void>;
};

/** Larger bodies, most of all pictures, are not kept. */
const MOST_BYTES = 64 * 1024;
/** Of all that wait to be written. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
const FLUSH_EVERY_MS = 10_000;

/** An empty book. `closing` ends the wait for the next writing; whoever aborts it flushes. */
export function createSharedBook(dependencies: {
  readonly store: Pick<SharedRequestStore, "addSharedRequests">;
  readonly clock: Pick<Clock, "sleep">;
  readonly logger: Pick<Logger, "warn">;
  readonly closing: AbortSignal;
}): SharedBook {
  const { store, clock, logger, closing } = dependencies;
  let waiting: SharedRequestRecord[] = [];
  let waitingBytes = 0;
  let isTold = false;

  const flush = async () => {
    const records = waiting;
    waiting = [];
    waitingBytes = 0;
    try {
      await store.addSharedRequests(records);
      isTold = false;
    } catch (error) {
      // Once for each outage, of which the validator tells by itself.
      if (!isTold) logger.warn("Shared requests could not be written and are given up", { requests: records.length, error });
      isTold = true;
    }
  };
  const schedule = flushLater(flush, { afterMs: FLUSH_EVERY_MS, clock, closing });

  return {
    begin({ keyId, taskId, atMs }) {
      const hotkeys: string[] = [];
      return {
        tried: (hotkey) => void hotkeys.push(hotkey),
        keep(singles) {
          for (const { request } of singles) {
            const bytes = estimateJsonBytes(request, MOST_BYTES + 1);
            if (bytes > MOST_BYTES || waitingBytes + bytes > MOST_WAITING_BYTES) continue;
            waitingBytes += bytes;
            waiting.push({ keyId, taskId, atMs, hotkeys, request });
            schedule();
          }
        },
      };
    },
    flush: () => (waiting.length === 0 ? Promise.resolve() : flush()),
  };
}
