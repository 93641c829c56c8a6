import { VisionError } from "@vision/protocol";
import type { Clock } from "../ports/index.js";

/** A user waits this long for the database, and then gets an answer without it or is asked to try again. */
export const STORE_LIMIT_MS = 1_000;

/**
 * What the database answers, if it does so in time. The question itself is not taken back.
 *
 * @throws {@link VisionError} `STORE_UNREACHABLE` when it does not.
 */
export async function withinTime<Value>(work: Promise<Value>, limitMs: number, clock: Pick<Clock, "sleep">): Promise<Value> {
  const done = new AbortController();
  const late = clock.sleep(limitMs, done.signal).then((): never => {
    throw new VisionError({ code: "STORE_UNREACHABLE", message: `The database did not answer within ${limitMs} ms.` });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
