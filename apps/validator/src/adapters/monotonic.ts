/** Milliseconds that never go back, the same in every thread of the process: `performance.now()` begins anew in each. */
export function processMonotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
