import { areOneClock, judgeClock } from "../domain/judge-clock.js";
import type { Clock, Logger } from "../ports/index.js";

/** A clock for what must not move when somebody sets the machine's: numbers, limits and ages of periods. */
export type SteadyClock = Clock & {
  /** Asks the clocks of other machines, for a short time at most. */
  look(signal: AbortSignal): Promise<void>;
  /** Decides anew which time it is. Between two calls the time only passes. */
  settle(): void;
  /** Whether the machine's clock was right when it read so, just now. One that was not is told of once, until it is believed again. */
  wasRight(wallMs: number): boolean;
};

/** Longest wait for the others' clocks, milliseconds. */
const LOOK_MS = 3_000;

/**
 * A clock that moves with the monotonic one, and follows the machine's own only at {@link SteadyClock.settle} and only where that is
 * believed; see {@link judgeClock}.
 */
export function createSteadyClock({
  clock,
  readReferenceMs,
  logger,
}: {
  readonly clock: Clock;
  /** The time by other machines: the chain's or a database server's; null where it is not known. */
  readonly readReferenceMs: (signal: AbortSignal) => Promise<number | null>;
  readonly logger: Logger;
}): SteadyClock {
  let base: { readonly atMs: number; readonly monotonicMs: number } | null = null;
  let reference: { readonly atMs: number; readonly monotonicMs: number } | null = null;
  let isTrusted = true;
  let isTold = false;

  const passed = (since: { readonly atMs: number; readonly monotonicMs: number } | null) =>
    since === null ? null : since.atMs + clock.monotonicMs() - since.monotonicMs;

  function settle(): void {
    const wallMs = clock.nowMs();
    const judged = judgeClock({ wallMs, steadyMs: passed(base), referenceMs: passed(reference) });
    if (isTrusted && !judged.isWallTrusted) {
      logger.warn("This machine's clock disagrees with the time that has passed and with other machines; periods do not follow it", {
        aheadMs: Math.round(wallMs - judged.nowMs),
      });
    }
    if (!isTrusted && judged.isWallTrusted) logger.info("This machine's clock is believed again");
    isTrusted = judged.isWallTrusted;
    if (isTrusted) isTold = false;
    base = { atMs: judged.nowMs, monotonicMs: clock.monotonicMs() };
    // An old answer would confirm a clock that stands still as much as one that goes right.
    reference = null;
  }

  function nowMs(): number {
    if (base === null) settle();
    // Whole milliseconds, as every clock of the wall: the monotonic one that it moves with has fractions.
    return Math.round(passed(base) ?? clock.nowMs());
  }

  return {
    nowMs,
    monotonicMs: () => clock.monotonicMs(),
    sleep: (durationMs, signal) => clock.sleep(durationMs, signal),
    async look(signal) {
      const limit = new AbortController();
      const limited = AbortSignal.any([signal, limit.signal]);
      try {
        const atMs = await Promise.race([
          readReferenceMs(limited).catch(() => null),
          clock.sleep(LOOK_MS, limited).then(
            () => null,
            () => null,
          ),
        ]);
        if (atMs !== null) reference = { atMs, monotonicMs: clock.monotonicMs() };
      } finally {
        limit.abort(new Error("the time is no longer asked for"));
      }
    },
    settle,
    wasRight(wallMs) {
      const aheadMs = wallMs - nowMs();
      const isRight = areOneClock(aheadMs, 0);
      if (!isRight && !isTold) {
        isTold = true;
        logger.warn("Miners refuse what this machine's clock signs, which is off; no miner is blamed. Set it right, and keep NTP running", {
          aheadMs: Math.round(aheadMs),
        });
      }
      return isRight;
    },
  };
}
