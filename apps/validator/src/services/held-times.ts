import type { HeldTimes } from "../ports/index.js";

/** What times are told by, milliseconds. */
export type HoldClock = {
  monotonicMs(): number;
  /** CPU that this process has used. */
  cpuMs(): number;
};

const BUCKET_MS = 1_000;
const KEPT_BUCKETS = 120;
/** What takes less is not worth booking. */
const LEAST_MS = 0.02;
/** What takes less was not interrupted for long, if at all. */
const LEAST_INTERRUPTED_MS = 1;
/** Reading the CPU of a process takes longer than reading an event: one reading stands for those of so long. */
const CPU_READING_MS = 50;

/**
 * Times by who took them, of the last two minutes at least. A piece counts for as long as it took, but for no more CPU than the process used
 * meanwhile, within {@link CPU_READING_MS}: in what a suspended or starved machine adds, nobody held anything.
 */
export function createHeldTimes(clock: HoldClock): HeldTimes {
  /** By the second in which a piece ended. */
  const buckets = new Map<number, Map<string, number>>();
  let reading = { atMs: Number.NEGATIVE_INFINITY, cpuMs: 0 };

  const heldBetween = (fromMs: number, untilMs: number): number => {
    const tookMs = untilMs - fromMs;
    return tookMs < LEAST_INTERRUPTED_MS ? tookMs : Math.min(tookMs, clock.cpuMs() - reading.cpuMs);
  };

  const book = (who: string, heldMs: number, endedAtMs: number) => {
    const second = Math.floor(endedAtMs / BUCKET_MS);
    let bucket = buckets.get(second);
    if (bucket === undefined) {
      bucket = new Map();
      buckets.set(second, bucket);
      for (const [old] of buckets) {
        if (buckets.size <= KEPT_BUCKETS) break;
        buckets.delete(old);
      }
    }
    bucket.set(who, (bucket.get(who) ?? 0) + heldMs);
  };

  const begin = (): number => {
    const fromMs = clock.monotonicMs();
    if (fromMs - reading.atMs >= CPU_READING_MS) reading = { atMs: fromMs, cpuMs: clock.cpuMs() };
    return fromMs;
  };

  return {
    meter(who) {
      let sumMs = 0;
      const end = (fromMs: number) => {
        const untilMs = clock.monotonicMs();
        const heldMs = heldBetween(fromMs, untilMs);
        if (heldMs < LEAST_MS) return;
        sumMs += heldMs;
        book(who, heldMs, untilMs);
      };
      const measure = <Value>(run: () => Value): Value => {
        const fromMs = begin();
        try {
          return run();
        } finally {
          end(fromMs);
        }
      };
      return {
        measure,
        async measureTurn(run) {
          let hasTurned = false;
          // Before it runs: what it sets itself for the next turn must not come first.
          const nextTurn = setImmediate(() => {
            hasTurned = true;
          });
          let fromMs: number | null = null;
          try {
            const pending = measure(run);
            fromMs = begin();
            return await pending;
          } finally {
            clearImmediate(nextTurn);
            if (fromMs !== null && !hasTurned) end(fromMs);
          }
        },
        heldMs: () => sumMs,
      };
    },
    longest(sinceMonotonicMs) {
      const sums = new Map<string, number>();
      for (const [second, bucket] of buckets) {
        if ((second + 1) * BUCKET_MS <= sinceMonotonicMs) continue;
        for (const [who, heldMs] of bucket) sums.set(who, (sums.get(who) ?? 0) + heldMs);
      }
      let longest: { readonly who: string; readonly heldMs: number } | null = null;
      for (const [who, heldMs] of sums) if (longest === null || heldMs > longest.heldMs) longest = { who, heldMs };
      return longest;
    },
  };
}

/** The machine's own. */
export const systemHoldClock: HoldClock = {
  monotonicMs: () => performance.now(),
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
};
