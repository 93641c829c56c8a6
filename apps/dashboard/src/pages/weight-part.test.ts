import { describe, expect, it } from "@jest/globals";
import { scoreEpoch } from "@vision/scoring";
import { weightPartOf } from "./weight-part.js";

const tally = { period: 1, declaredCapacityUnits: 100, attemptedUnits: 90, completedUnits: 90, rateLimitedUnits: 0, failedUnits: 0 };
const counts = { requests: 9, okCount: 9, rateLimitedCount: 0, failedCount: 0, checkedCount: 1, passedCount: 1 };
const seriesOf = (hotkey: string, taskId: string) => ({
  ...{ hotkey, taskId, declaredCapacityPerHour: 100 },
  periods: [{ ...tally, ...counts }],
  samples: [{ period: 1, qualityFraction: 1, firstTokenMs: 100, durationMs: 1_000, units: 10 }],
});

describe("weightPartOf", () => {
  it("was many times the weight where little of a task was paid: the parts of a miner's tasks sum to its weight", () => {
    const target = { firstTokenMs: 100, unitsPerSecond: 10 };
    const epoch = scoreEpoch({
      ...{ period: 1, periodsPerHour: 1, taskWeights: { chat: 0.7, image: 0.3 } },
      targets: { chat: target, image: { ...target, unitsPerSecond: 20 } },
      series: [seriesOf("alice", "chat"), seriesOf("alice", "image"), seriesOf("bob", "image")],
    });
    expect(epoch.tasks.every(({ paidFraction }) => paidFraction > 0 && paidFraction < 0.1)).toBe(true);
    for (const miner of epoch.miners) {
      const parts = miner.tasks.map((task) => weightPartOf(task, { epoch, miner }).part);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(miner.weight, 12);
      expect(miner.weight).toBeGreaterThan(0);
    }
  });
});
