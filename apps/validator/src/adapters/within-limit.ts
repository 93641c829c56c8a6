import type { Clock } from "../ports/index.js";

/** How long is waited, and for whom. */
export type WaitLimit = { readonly limitMs: number; readonly clock: Pick<Clock, "sleep">; readonly signal: AbortSignal };

/**
 * Waits for work for a limited time, also where the work does not listen to its signal, which aborts when the time is over.
 *
 * @throws Error when the time is over; the signal's reason.
 */
export async function withinLimit<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  { limitMs, clock, signal }: WaitLimit,
): Promise<Result> {
  const done = new AbortController();
  const ending = AbortSignal.any([signal, done.signal]);
  const late = async () => {
    await clock.sleep(limitMs, ending);
    throw new Error(`it took longer than ${limitMs} ms`);
  };
  try {
    return await Promise.race([work(ending), late()]);
  } finally {
    done.abort(new Error("not waited for any more"));
  }
}
