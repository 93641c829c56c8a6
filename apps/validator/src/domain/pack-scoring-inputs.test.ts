import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import { VISION } from "@vision/scoring";
import { packScoringInputs } from "./pack-scoring-inputs.js";

describe("packScoringInputs", () => {
  it("holds the inputs exactly, with no series and with several", async () => {
    const series = ["alice", "bob"].map((hotkey) => ({
      hotkey,
      taskId: "chat-tiny",
      declaredCapacityPerHour: 0.1 + 0.2,
      periods: [],
      samples: [{ period: 3, qualityFraction: 1 / 3, firstTokenMs: 400, durationMs: 1_650.5, units: 100 }],
    }));
    for (const some of [[], series]) {
      const inputs = {
        params: VISION,
        observations: {
          period: 3,
          periodsPerHour: 1,
          taskWeights: { "chat-tiny": 1 },
          targets: { "chat-tiny": { firstTokenMs: 400, unitsPerSecond: 80 } },
          series: some,
        },
      };
      expect(JSON.parse(gunzipSync(await packScoringInputs(inputs)).toString())).toEqual(inputs);
    }
  });
});
