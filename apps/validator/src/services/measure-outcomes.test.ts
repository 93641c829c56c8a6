import { describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { aPeriodReport } from "../testing/store-samples.js";
import { measureOutcomes } from "./measure-outcomes.js";

describe("measureOutcomes", () => {
  const routing = { registry: () => createRegistry(), candidates: () => [] };

  it("says nothing before the first period and the first report", () => {
    const metrics = createRecordingMetrics();
    measureOutcomes({ metrics, routing: { ...routing, currentPeriod: () => null }, reporter: { latest: () => null } });
    expect([...metrics.values]).toEqual([]);
  });

  it("tells a task that nobody serves, and what the newest report says of each miner", () => {
    const metrics = createRecordingMetrics();
    const report = aPeriodReport(4);
    measureOutcomes({ metrics, routing: { ...routing, currentPeriod: () => 5 }, reporter: { latest: () => report } });
    expect(metrics.values.get('taskMiners {"task":"chat-tiny"}')).toBe(0);
    const [miner] = report.miners;
    const [task] = miner?.tasks ?? [];
    const labels = JSON.stringify({ hotkey: miner?.hotkey, task: task?.taskId });
    expect(metrics.values.get(`scoredQualityRatio ${labels}`)).toBe(task?.quality);
    expect(metrics.values.get(`scoredCreditRatio ${labels}`)).toBeCloseTo(0.9, 9);
    expect(metrics.values.get(`scoredWeightRatio ${JSON.stringify({ hotkey: miner?.hotkey })}`)).toBe(miner?.weight);
  });
});
