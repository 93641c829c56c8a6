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
  it("W-05: credits capacity only as far as completed work has proven it", () => {
    expect(credit(1000, [makeTally(1, { declared: 1000, served: 50 })]).creditedCapacityPerHour).toBe(100);
    expect(credit(1000, [makeTally(1, { declared: 1000, served: 700 })]).creditedCapacityPerHour).toBe(1000);
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

  it("lets proof fade by half in a week", () => {
    const record = [makeTally(0, { declared: 1000, served: 400 })];
    expect(credit(1000, record, 168).provenCapacityPerHour).toBeCloseTo(200, 9);
  });
});
