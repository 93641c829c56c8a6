import { describe, expect, it } from "@jest/globals";
import { type MinerTaskSeries, type PeriodTally, scoreEpoch, toWeightFractions } from "../src/index.js";
import { createRandom, makeSamples, makeTally, targets, timingOf } from "./make-series.js";

/** Shares of the declared capacity that are tried in a period: small ones, and all of it in one of twenty or so. */
const draw = (random: () => number) => (random() < 0.05 ? 0.97 + 0.03 * random() : 0.01 + 0.01 * random());

const TRUE_CAPACITY = 1000;
const HOURS = 240;

type MissKind = "rateLimited" | "failed";

/** A week and a half of a machine that can do 1,000 units an hour and declares `factor` times that. */
function record(factor: number, draw: (random: () => number) => number, options: { random: () => number; miss: MissKind }): PeriodTally[] {
  return Array.from({ length: HOURS }, (_, period) => {
    const declared = TRUE_CAPACITY * factor;
    const tried = declared * draw(options.random);
    const served = Math.min(tried, TRUE_CAPACITY);
    return makeTally(period, { declared, served, [options.miss]: tried - served });
  });
}

/** Mean effective volume over time and seeds: what the machine earns before the shares. */
function earned(factor: number, draw: (random: () => number) => number, miss: MissKind): number {
  let total = 0;
  for (let seed = 1; seed <= 6; seed += 1) {
    const tallies = record(factor, draw, { random: createRandom(seed * 7919 + factor), miss });
    for (let hour = 11; hour < HOURS; hour += 12) {
      const series = {
        hotkey: "miner",
        taskId: "task",
        declaredCapacityPerHour: TRUE_CAPACITY * factor,
        periods: tallies.slice(Math.max(0, hour - 167), hour + 1),
        samples: makeSamples([hour, hour, hour]),
      };
      const report = scoreEpoch({ period: hour, periodsPerHour: 1, targets, taskWeights: { task: 1 }, series: [series] });
      total += report.miners[0]?.tasks[0]?.effectiveVolume ?? 0;
    }
  }
  return total;
}

describe("over-declaring", () => {
  for (const miss of ["rateLimited", "failed"] as const) {
    it(`W-05: declaring more than one's capacity earns less than declaring it honestly (misses ${miss})`, () => {
      const honest = earned(1, draw, miss);
      expect(earned(1.25, draw, miss)).toBeLessThan(0.8 * honest);
      expect(earned(2, draw, miss)).toBeLessThan(0.3 * honest);
      expect(earned(10, draw, miss)).toBeLessThan(0.1 * honest);
    });
  }

  it("W-07: what a miner earns depends on the share of its own capacity that was tried, not on what others were asked", () => {
    // A tiny and a huge miner, each tried by its own share of its own capacity: both keep all of their credit.
    const of = (hotkey: string, capacity: number): MinerTaskSeries => ({
      hotkey,
      taskId: "task",
      declaredCapacityPerHour: capacity,
      periods: [0, 1, 2].map((period) => makeTally(period, { declared: capacity, served: capacity * 0.98 })),
      samples: makeSamples([0, 1, 2]),
    });
    const report = scoreEpoch({
      period: 2,
      periodsPerHour: 1,
      targets,
      taskWeights: { task: 1 },
      series: [of("tiny", 100), of("huge", 100_000)],
    });
    const [huge, tiny] = report.miners.map((miner) => miner.tasks[0]);
    expect(tiny?.averagePeriodScore).toBe(huge?.averagePeriodScore);
    expect(tiny?.creditedCapacityPerHour).toBe(100);
    expect(huge?.creditedCapacityPerHour).toBe(100_000);
  });
});

describe("splitting", () => {
  it("W-18: a machine split over several hotkeys earns less than the same machine under one", () => {
    const machine = (hotkey: string, capacity: number): MinerTaskSeries => ({
      hotkey,
      taskId: "task",
      declaredCapacityPerHour: capacity,
      periods: [0, 1, 2].map((period) => makeTally(period, { declared: capacity, served: capacity * 0.98 })),
      samples: makeSamples([0, 1, 2]),
    });
    const rivals = [machine("rival-1", 3000), machine("rival-2", 500)];
    const earn = (own: readonly MinerTaskSeries[]) => {
      const fractions = toWeightFractions(
        scoreEpoch({ period: 2, periodsPerHour: 1, targets, taskWeights: { task: 1 }, series: [...own, ...rivals] }),
      );
      return own.reduce((sum, series) => sum + (fractions.get(series.hotkey) ?? 0), 0);
    };
    const whole = earn([machine("own", 1200)]);
    for (const parts of [2, 3, 8]) {
      const split = earn(Array.from({ length: parts }, (_, index) => machine(`own-${index}`, 1200 / parts)));
      expect([parts, split < whole]).toEqual([parts, true]);
    }
  });
});

describe("three periods of 20 seconds", () => {
  // All have the same machine: 3,600 units an hour, 20 units a period.
  const machine = 20;
  type Profile = { factor?: number; quality?: number; speed?: number; failing?: number; refusing?: number };
  const profiles: Readonly<Record<string, Profile>> = {
    honestFast: { speed: 1.3 },
    honestSlow: { speed: 0.85 },
    honestRateLimiting: { speed: 1.1, refusing: 0.2 },
    cheaperModel: { quality: 0.1, speed: 1.4 },
    failing: { speed: 1.3, failing: 0.3 },
    overDeclaring: { factor: 10, speed: 1.3 },
  };

  function weights(seed: number): ReadonlyMap<string, number> {
    const random = createRandom(seed);
    const series = Object.entries(profiles).map(([hotkey, { factor = 1, quality = 1, speed = 1, failing = 0, refusing = 0 }]) => ({
      hotkey,
      taskId: "task",
      declaredCapacityPerHour: machine * factor * 180,
      periods: [0, 1, 2].map((period) => {
        const declared = machine * factor;
        const tried = declared * (0.5 + 0.5 * random());
        const served = Math.min(tried, machine) * (1 - failing - refusing);
        const failed = Math.min(tried, machine) * failing;
        return makeTally(period, { declared, served, failed, rateLimited: tried - served - failed });
      }),
      samples: [0, 0, 1, 1, 2, 2].map((period) => ({ period, qualityFraction: quality, ...timingOf(speed * (0.95 + 0.1 * random())) })),
    }));
    return toWeightFractions(scoreEpoch({ period: 2, periodsPerHour: 180, targets, taskWeights: { task: 1 }, series }));
  }

  it("are enough to rank every honest miner above every dishonest one, and the fast above the slow", () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const result = weights(seed);
      const of = (hotkey: string) => result.get(hotkey) ?? Number.NaN;
      const worstHonest = Math.min(of("honestFast"), of("honestSlow"), of("honestRateLimiting"));
      const bestDishonest = Math.max(of("cheaperModel"), of("failing"), of("overDeclaring"));
      expect([seed, worstHonest > bestDishonest]).toEqual([seed, true]);
      expect([seed, of("honestFast") > of("honestSlow") && of("honestFast") > of("honestRateLimiting")]).toEqual([seed, true]);
    }
  });
});
