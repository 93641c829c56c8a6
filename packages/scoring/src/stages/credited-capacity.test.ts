import { describe, expect, it } from "@jest/globals";
import { makeSeries, makeTally, targets } from "../../test/make-series.js";
import type { PeriodTally } from "../observation.js";
import { scoreEpoch } from "../score-epoch.js";

function credit(declaredCapacityPerHour: number, periods: readonly PeriodTally[], period = periods.at(-1)?.period ?? 0) {
  const report = scoreEpoch({
    period,
    periodsPerHour: 1,
    targets,
    taskWeights: { "chat-tiny": 1 },
    series: [makeSeries({ declaredCapacityPerHour, periods })],
  });
  const task = report.miners[0]?.tasks[0];
  if (task === undefined) throw new Error("the miner is missing");
  return task;
}

describe("creditedCapacity", () => {
  it("is at most what is declared, where the mean of the day rounds to more than each of its values, or next to nothing is declared", () => {
    for (const declared of [1.3, 5e-324]) {
      const periods = [81, 84, 92, 97, 99].map((period) => makeTally(period, { declared, served: declared }));
      expect(credit(declared, periods).creditedCapacityPerHour).toBeLessThanOrEqual(declared);
    }
  });

  it("W-05: credits capacity only as far as completed work has proven it", () => {
    expect(credit(1000, [makeTally(1, { declared: 1000, served: 50 })]).creditedCapacityPerHour).toBe(51.5);
    expect(credit(1000, [makeTally(1, { declared: 1000, served: 980 })]).creditedCapacityPerHour).toBe(1000);
    expect(credit(1000, []).creditedCapacityPerHour).toBe(0);
  });

  it("W-05: raising the declaration just before weights are set raises nothing", () => {
    const record = [makeTally(1, { declared: 1000, served: 500 })];
    expect(credit(1_000_000, record).creditedCapacityPerHour).toBe(credit(1000, record).creditedCapacityPerHour);
  });

  it("W-05: declaring ten times what was shown to be the limit is credited with less than a tenth of declaring it honestly", () => {
    const honest = credit(1000, [makeTally(1, { declared: 1000, served: 600 })]);
    const over = credit(10_000, [makeTally(1, { declared: 10_000, served: 1000, rateLimited: 5000 })]);
    expect(over.creditedCapacityPerHour).toBeLessThan(honest.creditedCapacityPerHour / 10);
    expect(over.headroomFactor).toBe(1);
    expect(over.claimFactor).toBeCloseTo(0.1, 12);
  });

  it("gives the credit back as soon as the declaration is honest", () => {
    const caught = [makeTally(1, { declared: 2000, served: 1000, rateLimited: 300 })];
    expect(credit(1000, caught).claimFactor).toBe(1);
    expect(credit(1000, caught).creditedCapacityPerHour).toBeGreaterThan(credit(2000, caught).creditedCapacityPerHour);
  });

  it("does not hold refusals beyond the declared volume against a full miner", () => {
    const full = credit(1000, [makeTally(1, { declared: 1000, served: 1000, rateLimited: 4000 })]);
    expect(full).toMatchObject({ missedCapacityPerHour: 0, creditedCapacityPerHour: 1000 });
  });

  it("credits nothing to a miner that failed everything lately, whatever it has proven", () => {
    const proven = makeTally(1, { declared: 1000, served: 800 });
    const dead = Array.from({ length: 10 }, (_, index) => makeTally(2 + index, { declared: 1000, failed: 400 }));
    expect(credit(1000, [proven, ...dead]).creditedCapacityPerHour).toBeLessThan(50);
    expect(credit(1000, dead).creditedCapacityPerHour).toBe(0);
  });

  it("regression: an hour of failures while little was asked for disproved a declaration that a large draw had proven", () => {
    const proof = { ...makeTally(0, { declared: 1000, served: 1000 }), plannedUnits: 980 };
    const outage = (plannedUnits: number) => ({ ...makeTally(1, { declared: 1000, failed: 250 }), plannedUnits });
    const after = makeTally(2, { declared: 1000, served: 250 });
    const { missedCapacityPerHour, headroomFactor } = credit(1000, [proof, outage(15), after]);
    expect([missedCapacityPerHour, headroomFactor]).toEqual([0, 1.03]);
    expect(credit(1000, [proof, outage(250), after]).missedCapacityPerHour).toBe(220);
    // A plan that is not known may have been a large draw.
    const { plannedUnits: _, ...unknown } = outage(0);
    expect(credit(1000, [proof, unknown, after]).missedCapacityPerHour).toBe(220);
  });

  it("credits nothing to who missed as much as it has proven: one machine behind two hotkeys, of which it serves one first", () => {
    const first = { ...makeTally(0, { declared: 1000, served: 1000 }), plannedUnits: 990 };
    const second = { ...makeTally(1, { declared: 1000, rateLimited: 1000 }), plannedUnits: 990 };
    const rows = [first, second, makeTally(2, { declared: 1000, served: 250 })];
    expect(credit(1000, rows, 36).creditedCapacityPerHour).toBeLessThan(10);
    // Proof fades first here, so it never gets the credit back.
    for (const hour of [72, 120, 160]) expect([hour, credit(1000, rows, hour).creditedCapacityPerHour < 10]).toEqual([hour, true]);
  });

  it("keeps proof and misses for a day and a half, then lets both fade evenly: what leaves the record has no weight left", () => {
    const record = [makeTally(0, { declared: 1000, served: 400, failed: 230 })];
    expect(credit(1000, record, 36)).toMatchObject({ provenCapacityPerHour: 400, missedCapacityPerHour: 200 });
    expect(credit(1000, record, 102).provenCapacityPerHour).toBeCloseTo(200, 9);
    expect(credit(1000, record, 102).missedCapacityPerHour).toBeCloseTo(100, 9);
    expect(credit(1000, record, 168).provenCapacityPerHour).toBe(0);
    const largestStep = Array.from({ length: 168 }, (_, hour) => hour).reduce((largest, hour) => {
      const [now, next] = [hour, hour + 1].map((period) => credit(1000, record, period).creditedCapacityPerHour);
      return Math.max(largest, Math.abs((now ?? 0) - (next ?? 0)));
    }, 0);
    expect(largestStep).toBeLessThan(0.01 * 400);
  });

  it("regression: answers that no check bore out proved capacity; ten times the capacity with junk paid 13 times", () => {
    const checked = (passedCount: number, served = 10_000) => ({
      ...makeTally(1, { declared: 10_000, served }),
      ...{ checkedCount: 24, passedCount },
    });
    const honest = credit(1000, [{ ...makeTally(1, { declared: 1000, served: 1000 }), checkedCount: 24, passedCount: 24 }]);
    const junk = credit(10_000, [checked(2.4)]);
    expect(junk.creditedCapacityPerHour).toBeLessThan(0.05 * honest.creditedCapacityPerHour);
    // One odd verdict costs nothing; every further right answer among those checked helps.
    expect(credit(10_000, [checked(23)]).creditedCapacityPerHour).toBe(10_000);
    const credits = Array.from({ length: 25 }, (_, passed) => credit(10_000, [checked(passed)]).creditedCapacityPerHour);
    expect([...credits].sort((a, b) => a - b)).toEqual(credits);
  });

  it("takes a period of which nothing was checked for no proof, and holds it against nobody", () => {
    const unchecked = { ...makeTally(1, { declared: 1000, served: 1000 }), checkedCount: 0, passedCount: 0 };
    expect(credit(1000, [unchecked])).toMatchObject({ provenCapacityPerHour: 0, missedCapacityPerHour: 0 });
  });

  it("takes a period that was shorter or longer for what it shows of an hour", () => {
    const hour = [makeTally(1, { declared: 1000, served: 800, rateLimited: 100 })];
    const half = [{ ...makeTally(1, { declared: 500, served: 400, rateLimited: 50 }), hours: 0.5 }];
    const longer = [{ ...makeTally(1, { declared: 1250, served: 1000, rateLimited: 125 }), hours: 1.25 }];
    const {
      requests: _,
      okCount: __,
      rateLimitedCount: ___,
      attemptedUnits: ____,
      completedUnits: _____,
      ...expected
    } = credit(1000, hour);
    expect(credit(1000, half)).toMatchObject(expected);
    expect(credit(1000, longer)).toMatchObject(expected);
  });

  it("counts absence as nothing declared, but for an hour of a day", () => {
    const meanOf = (periods: readonly number[]) =>
      scoreEpoch({
        ...{ period: 23, periodsPerHour: 1, targets, taskWeights: { "chat-tiny": 1 } },
        heldPeriods: Array.from({ length: 24 }, (_, hour) => hour),
        series: [
          makeSeries({
            declaredCapacityPerHour: 1000,
            periods: periods.map((period) => makeTally(period, { declared: 1000, served: 1000 })),
          }),
        ],
      }).miners[0]?.tasks[0]?.meanDeclaredPerHour ?? Number.NaN;
    const all = Array.from({ length: 24 }, (_, hour) => hour);
    expect(meanOf(all)).toBe(1000);
    expect(meanOf(all.filter((hour) => hour !== 20))).toBe(1000);
    // Who is there in one hour of three earns less than a third.
    expect(meanOf(all.filter((hour) => hour % 3 === 2))).toBeLessThan(333);
    // A newcomer was never absent.
    expect(meanOf([22, 23])).toBe(1000);
  });

  it("pays a raised declaration only as it becomes the mean of the day", () => {
    const periods = Array.from({ length: 24 }, (_, period) => makeTally(period, { declared: 1000, served: 1000 }));
    expect(credit(3000, periods).meanDeclaredPerHour).toBe(1000);
    expect(credit(500, periods).meanDeclaredPerHour).toBe(500);
  });
});
