import { type AnswerSample, type AnswerTiming, type MinerTaskSeries, type PeriodTally, type SpeedTarget, VISION } from "../src/index.js";

/** A tally from volumes; one request per 100 units. */
export function makeTally(
  period: number,
  volumes: { readonly declared: number; readonly served?: number; readonly rateLimited?: number; readonly failed?: number },
): PeriodTally {
  const { declared, served = 0, rateLimited = 0, failed = 0 } = volumes;
  const count = (units: number) => Math.ceil(units / 100);
  return {
    period,
    declaredCapacityUnits: declared,
    attemptedUnits: served + rateLimited + failed,
    completedUnits: served,
    rateLimitedUnits: rateLimited,
    failedUnits: failed,
    requests: count(served) + count(rateLimited) + count(failed),
    okCount: count(served),
    rateLimitedCount: count(rateLimited),
    failedCount: count(failed),
  };
}

/** The speed that counts as 1 in every epoch of the tests. */
export const target: SpeedTarget = { firstTokenMs: 400, unitsPerSecond: 80 };

/** The target of every task that the tests name. */
export const targets = { "chat-tiny": target, "image-tiny": target, task: target };

/** Timing of an answer in one piece that has this speed factor, 0 to 1.5, under `VISION`. */
export function timingOf(speedFactor: number): AnswerTiming {
  const { max } = VISION.speed;
  const targetMs = target.firstTokenMs + (100 * 1000) / target.unitsPerSecond;
  // Solved for the time: factor = max x ratio / (ratio + max - 1), ratio = target time / time.
  const durationMs = speedFactor > 0 ? (targetMs * (max - speedFactor)) / ((max - 1) * speedFactor) : Number.POSITIVE_INFINITY;
  return { firstTokenMs: null, durationMs: Math.max(durationMs, 0), units: 100 };
}

/** Samples of equal quality and speed, one per period. */
export function makeSamples(periods: readonly number[], qualityFraction = 1, speedFactor = 1): AnswerSample[] {
  return periods.map((period) => ({ period, qualityFraction, ...timingOf(speedFactor) }));
}

/** A miner that served 800 of 1,000 declared units in each of ten periods, perfectly, with changes. */
export function makeSeries(changes: Partial<MinerTaskSeries> = {}): MinerTaskSeries {
  const periods = Array.from({ length: 10 }, (_, index) => 91 + index);
  return {
    hotkey: "miner-a",
    taskId: "chat-tiny",
    declaredCapacityPerHour: 1000,
    periods: periods.map((period) => makeTally(period, { declared: 1000, served: 800 })),
    samples: makeSamples(periods),
    ...changes,
  };
}

/** Seeded random numbers in [0, 1): mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
