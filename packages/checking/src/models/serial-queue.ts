/** Runs operations one after another, in the order of their asking; what is aborted while it waits is not started. */
export type SerialQueue = <Result>(operation: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;

/** A queue of its own. A failed operation does not hold up the next. */
export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  return (operation, signal) => {
    const result = last.then(() => {
      signal.throwIfAborted();
      return operation();
    });
    last = result.catch(() => undefined);
    return result;
  };
}
