import { describe, expect, it } from "@jest/globals";
import { makeTally } from "../../test/make-series.js";
import { createMechanism } from "../create-mechanism.js";
import type { PeriodTally } from "../observation.js";
import type { ScoringParams } from "../params.js";
import { createPeriodRows, fillPeriodRows } from "../period-rows.js";
import { NINETEEN_2025 } from "../reference-presets/nineteen-2025.js";
import { VISION_2024 } from "../reference-presets/vision-2024.js";
import { tallyPeriod } from "../tally-period.js";
import { VISION } from "../vision.js";

function average(tallies: readonly PeriodTally[], params: ScoringParams = VISION, periodsPerHour = 1) {
  const rows = createPeriodRows(tallies.length);
  fillPeriodRows(rows, tallies);
  return createMechanism(params, { period: 0, periodsPerHour, heldPeriods: null }).average(rows);
}

function run(count: number, make: (period: number) => PeriodTally): PeriodTally[] {
  return Array.from({ length: count }, (_, period) => make(period));
}

describe("averagePeriodScore", () => {
  it("W-01: a period in which everything failed pulls the average down", () => {
    const good = run(9, (period) => makeTally(period, { declared: 1000, served: 70 }));
    const dead = run(10, (period) => makeTally(9 + period, { declared: 1000, failed: 70 }));
    expect(average(good).averagePeriodScore).toBe(1);
    expect(average([...good, ...dead.slice(0, 1)]).averagePeriodScore).toBeLessThan(0.75);
    expect(average([...good, ...dead]).averagePeriodScore).toBeLessThan(0.2);
    // The reference still averages to 1 after ten dead periods.
    expect(average([...good, ...dead], VISION_2024).averagePeriodScore).toBe(1);
  });

  it("W-01: dead periods do not count towards a long record", () => {
    const dead = run(8, (period) => makeTally(period, { declared: 1000, failed: 70 }));
    const { newcomerFactor } = average([...dead, makeTally(8, { declared: 1000, served: 70 })]);
    expect(newcomerFactor).toBeCloseTo(1 - 0.25 * (3 / 4), 12);
  });

  it("counts a short record in hours since the first answer: a small miner is not asked in every period", () => {
    const rare = [0, 10].map((period) => makeTally(period, { declared: 1000, served: 70 }));
    expect(average(rare)).toMatchObject({ dataHours: 11, newcomerFactor: 1 });
  });

  it("W-15: a slow failure counts in the period that asked for it", () => {
    const request = { hotkey: "a", taskId: "t", blame: "miner", attemptedUnits: 50, completedUnits: 0, isOrganic: false } as const;
    // Started in period 4 and ended long after period 5 began.
    const observations = [
      { ...request, period: 4, outcome: "failed" as const },
      { ...request, period: 5, outcome: "ok" as const, completedUnits: 50 },
    ];
    const [fourth, fifth] = [4, 5].map((period) => tallyPeriod(observations, { period, declaredCapacityUnits: 1000 }));
    expect(fourth).toMatchObject({ requests: 1, failedCount: 1, failedUnits: 50, okCount: 0 });
    expect(fifth).toMatchObject({ requests: 1, failedCount: 0, okCount: 1, completedUnits: 50 });
  });

  it("W-16: the newcomer factor has no step", () => {
    const factors = run(16, () => makeTally(0, { declared: 1000, served: 70 })).map(
      (_, index) => average(run(index + 1, (period) => makeTally(period, { declared: 1000, served: 70 }))).averagePeriodScore,
    );
    factors.slice(1).forEach((factor, index) => {
      const step = factor - (factors[index] ?? 0);
      expect(step).toBeGreaterThanOrEqual(0);
      expect(step).toBeLessThan(0.07);
    });
    expect(factors[15]).toBe(1);
    const eight = run(8, (period) => makeTally(period, { declared: 1000, served: 70 }));
    expect(average(eight, NINETEEN_2025).averagePeriodScore).toBe(0.25);
  });

  it("gives the same for the same hours, whatever the length of a period", () => {
    const hourly = run(3, (period) => makeTally(period, { declared: 1000, served: period === 1 ? 500 : 100, failed: 50 }));
    const short = run(540, (period) =>
      makeTally(period, { declared: 1000 / 180, served: (Math.floor(period / 180) === 1 ? 500 : 100) / 180, failed: 50 / 180 }),
    );
    expect(average(short, VISION, 180).averagePeriodScore).toBeCloseTo(average(hourly).averagePeriodScore, 2);
    expect(average(short, VISION, 180).newcomerFactor).toBeCloseTo(average(hourly).newcomerFactor, 9);
  });

  it("rises with every good answer, also one in a bad period (counter-example to plain attempted volume as weight)", () => {
    const perfect = makeTally(1, { declared: 1000, served: 100 });
    const bad = (served: number) => makeTally(2, { declared: 1000, served, failed: 50 });
    expect(average([perfect, bad(51)]).averagePeriodScore).toBeGreaterThan(average([perfect, bad(50)]).averagePeriodScore);
    // Weighted by plain attempted volume, the same answer would have lowered the average of the reference's scores.
    const plain = (served: number) => {
      const share = 50 / (served + 50);
      const untried = 1 - served / 1000;
      return (100 + (served + 50) * (1 - share) * (1 - share * untried) ** 2) / (100 + served + 50);
    };
    expect(plain(51)).toBeLessThan(plain(50));
  });

  it("weights sum to 1 and is 0 without data", () => {
    const { periodWeights } = average(run(20, (period) => makeTally(period, { declared: 1000, served: period, failed: 3 })));
    expect(periodWeights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(average([])).toMatchObject({ averagePeriodScore: 0, periodScores: [] });
    expect(average([], VISION_2024).averagePeriodScore).toBe(0);
  });
});
