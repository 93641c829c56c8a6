import { setImmediate as nextTurn } from "node:timers/promises";
import { VisionError } from "@vision/protocol";
import type { Clock } from "../ports/index.js";

/** A user waits this long for the database, and then gets an answer without it or is asked to try again. */
export const STORE_LIMIT_MS = 2_000;

/**
 * What the database answers, if it does so in time. The question itself is not taken back.
 *
 * @throws {@link VisionError} `STORE_UNREACHABLE` when it does not.
 */
export async function withinTime<Value>(work: Promise<Value>, limitMs: number, clock: Pick<Clock, "sleep">): Promise<Value> {
  const done = new AbortController();
  const late = clock.sleep(limitMs, done.signal).then(async (): Promise<never> => {
    // Where we were late ourselves the answer may lie there unread: what has arrived is read before this turn ends.
    await nextTurn();
    throw new VisionError({ code: "STORE_UNREACHABLE", message: `The database did not answer within ${limitMs} ms.` });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
