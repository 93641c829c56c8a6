import { describe, expect, it } from "@jest/globals";
import { createFakeChain } from "@vision/chain/testing";
import { type MinerTaskSeries, scoreEpoch, VISION } from "@vision/scoring";
import { prepareWeights } from "./prepare-weights.js";

/** A miner that answered everything in one period, with the quality that its checked answers had. */
function aSeries(hotkey: string, qualityFraction: number | null, isServed = true): MinerTaskSeries {
  const okCount = isServed ? 10 : 0;
  return {
    hotkey,
    taskId: "chat-tiny",
    declaredCapacityPerHour: 1_000,
    periods: [
      {
        period: 1,
        declaredCapacityUnits: 1_000,
        attemptedUnits: 1_000,
        completedUnits: okCount * 100,
        rateLimitedUnits: 0,
        failedUnits: 1_000 - okCount * 100,
        requests: 10,
        okCount,
        rateLimitedCount: 0,
        failedCount: 10 - okCount,
      },
    ],
    samples:
      qualityFraction === null
        ? []
        : Array.from({ length: 40 }, () => ({ period: 1, qualityFraction, firstTokenMs: 400, durationMs: 1_650.5, units: 100 })),
  };
}

describe("prepareWeights", () => {
  it("a cheater was paid by padding: strangers come first, then who did not answer, cheaters last", async () => {
    const hotkeys = ["own", "cheater", "good", "silent", "stranger"];
    const chain = createFakeChain({ netuid: 1, neurons: hotkeys.map((hotkey) => ({ hotkey })) });
    const metagraph = await chain.getMetagraph(1);
    const report = scoreEpoch(
      {
        period: 1,
        periodsPerHour: 1,
        taskWeights: { "chat-tiny": 1 },
        targets: { "chat-tiny": { firstTokenMs: 400, unitsPerSecond: 80 } },
        series: [aSeries("cheater", 0), aSeries("good", 1), aSeries("silent", null, false)],
      },
      VISION,
    );
    const uidsOf = (minAllowedWeights: number) =>
      prepareWeights(report, metagraph, { minAllowedWeights, ownHotkey: "own" }).map(({ uid, weightU16 }) => [hotkeys[uid], weightU16]);
    expect(uidsOf(1)).toEqual([["good", 65_535]]);
    expect(uidsOf(2)).toEqual([
      ["good", 65_535],
      ["stranger", 1],
    ]);
    expect(uidsOf(3).map(([hotkey]) => hotkey)).toEqual(["good", "silent", "stranger"]);
    expect(uidsOf(4)).toHaveLength(4);
  });
});
