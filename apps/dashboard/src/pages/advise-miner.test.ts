import { describe, expect, it } from "@jest/globals";
import type { MinerTaskReport } from "@vision/scoring";
import { adviseMiner } from "./advise-miner.js";

function aTask(changes: Partial<MinerTaskReport> = {}): MinerTaskReport {
  return {
    ...{ hotkey: "alice", taskId: "chat-tiny", declaredCapacityPerHour: 1_000, periods: [1], periodScores: [1], periodWeights: [1] },
    ...{ requests: 100, okCount: 100, rateLimitedCount: 0, failedCount: 0, attemptedUnits: 10, completedUnits: 10 },
    ...{
      averagePeriodScore: 1,
      dataHours: 50,
      newcomerFactor: 1,
      sampleCount: 20,
      meanVerdict: 1,
      meanHourVerdict: 1,
      meanSpeedFactor: 1.3,
    },
    ...{ sampleConfidence: 1, quality: 1.3, faults: [], provenCapacityPerHour: 1_000, missedCapacityPerHour: 0, headroomFactor: 1 },
    ...{ claimFactor: 1, recentServedFraction: 1, creditedCapacityPerHour: 1_000, effectiveVolume: 1_300, share: 1, taskScore: 1 },
    evidence: { isDecided: false, decidedPeriod: null, nats: 0, suspicion: null },
    ...changes,
  } as MinerTaskReport;
}

describe("adviseMiner", () => {
  it("has nothing to say where nothing is lost", () => {
    expect(adviseMiner(aTask())).toEqual([]);
  });

  it("names the largest loss first", () => {
    const advice = adviseMiner(aTask({ meanVerdict: 0.1, failedCount: 30, okCount: 70 }));
    expect(advice).toHaveLength(2);
    expect(advice[0]).toContain("10.0 % right");
    expect(advice[1]).toContain("30 of 100 requests failed");
  });

  it("says first that evidence is decided, what it speaks for, and what to do", () => {
    const evidence = { isDecided: true, decidedPeriod: 7, nats: 11.2, suspicion: "other logprobs in synthetic requests at temperature 0" };
    const [first] = adviseMiner(aTask({ evidence, quality: 0 }));
    expect(first).toContain("other logprobs in synthetic requests at temperature 0, decided in period 7");
    expect(first).toContain("Serve exactly the model");
  });

  it("tells who declares too much how much to declare", () => {
    expect(adviseMiner(aTask({ rateLimitedCount: 90, okCount: 10, provenCapacityPerHour: 36_000 })).join(" ")).toContain(
      "about 36K an hour",
    );
  });

  it("says what is missing where there is nothing to judge", () => {
    expect(adviseMiner(aTask({ declaredCapacityPerHour: 0 }))).toHaveLength(1);
    expect(adviseMiner(aTask({ requests: 0 }))).toHaveLength(1);
    expect(adviseMiner(aTask({ sampleCount: 0, meanVerdict: 0 })).join(" ")).not.toContain("right");
  });
});
