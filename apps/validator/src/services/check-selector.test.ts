import { describe, expect, it } from "@jest/globals";
import { createSeededRandom, defaultCheckParams } from "@vision/scoring/probing";
import { createManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { createCheckSelector } from "./check-selector.js";

describe("createCheckSelector", () => {
  it("a backlog that outgrew its worker was told nowhere: it is bounded, counted, and told once until it is worked off", async () => {
    const clock = createManualClock();
    const logger = recordingLogger();
    const metrics = createRecordingMetrics();
    const params = { ...defaultCheckParams, targetPerMinerTaskPeriod: 2, maxPendingPerTask: 40 };
    const selector = createCheckSelector(params, { random: createSeededRandom("s", []), clock, logger, metrics });
    const chosen = Array.from({ length: 400 }, (_, index) =>
      selector.select(`miner-${index % 10}`, "chat-tiny", { answers: 1, isBigDraw: false }),
    ).filter(Boolean);
    expect(chosen.length).toBeLessThanOrEqual(40 + 2 * 10);
    expect(metrics.values.get('checksSkippedTotal {"task":"chat-tiny"}')).toBe(400 - chosen.length);
    expect(logger.lines).toMatchObject([{ level: "warn", facts: { task: "chat-tiny", workers: params.concurrency } }]);

    await clock.advance(120_000);
    selector.setPending([{ hotkey: "miner-1", taskId: "chat-tiny", count: 30 }]);
    expect(logger.lines).toHaveLength(1);
    selector.setPending([{ hotkey: "miner-1", taskId: "chat-tiny", count: 3 }]);
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn", "info"]);
    expect(selector.select("miner-2", "chat-tiny", { answers: 1, isBigDraw: false })).toBe(true);
  });

  it("one miner that floods us is no sign that checks do not keep up", () => {
    const logger = recordingLogger();
    const dependencies = { random: createSeededRandom("s", []), clock: createManualClock(), logger, metrics: createRecordingMetrics() };
    const selector = createCheckSelector({ ...defaultCheckParams, targetPerMinerTaskPeriod: 2, maxPendingPerTask: 40 }, dependencies);
    const chosen = Array.from({ length: 100 }, () => selector.select("flood", "chat-tiny", { answers: 1, isBigDraw: false })).filter(
      Boolean,
    );
    expect(chosen).toHaveLength(10);
    expect(logger.lines).toEqual([]);
  });
});
