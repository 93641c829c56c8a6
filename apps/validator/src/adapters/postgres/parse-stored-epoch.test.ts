import { describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { type EpochReport, explainMiner, scoreEpoch, VISION } from "@vision/scoring";
import { aTiming } from "../../testing/store-samples.js";
import { parseStoredEpoch } from "./parse-stored-epoch.js";

const tally = {
  ...{ period: 7, declaredCapacityUnits: 1_000, attemptedUnits: 200, completedUnits: 100, rateLimitedUnits: 50, failedUnits: 50 },
  ...{ requests: 4, okCount: 2, rateLimitedCount: 1, failedCount: 1 },
};
const task = createRegistry().get("chat-tiny");
if (task === undefined) throw new Error("no chat-tiny");

/** As today's program scores one miner, with a fault and a value that could not be taken. */
const today: EpochReport = scoreEpoch(
  {
    ...{ period: 7, periodsPerHour: 1, taskWeights: { "chat-tiny": 1 }, targets: { "chat-tiny": task.target } },
    series: [
      {
        ...{ hotkey: "alice", taskId: "chat-tiny", declaredCapacityPerHour: 1_000, periods: [tally, { ...tally, requests: Number.NaN }] },
        samples: [{ period: 7, qualityFraction: 0.5, ...aTiming, reasons: ["was cut off"] }],
      },
    ],
  },
  VISION,
);

/** The report without one field of one kind of row, as it was stored before that field existed. */
function without(field: string): unknown {
  return JSON.parse(JSON.stringify(today), function (this: Record<string, unknown>, key, value) {
    return key === field && ("taskScore" in this || "overallScore" in this || "totalEffectiveVolume" in this) ? undefined : value;
  });
}

const younger = Object.keys(today.miners[0]?.tasks[0] ?? {}).filter((field) => field !== "hotkey" && field !== "taskId");

describe("parseStoredEpoch", () => {
  it("leaves what is stored today as it is", () => {
    const stored: unknown = JSON.parse(JSON.stringify(today));
    expect(JSON.stringify(parseStoredEpoch(stored))).toBe(JSON.stringify(stored));
    expect(today.miners[0]?.tasks[0]?.faults).toHaveLength(1);
  });

  it.each(younger)("explain threw on scores that were stored before a field existed: it explains them without %s", (field) => {
    const read = parseStoredEpoch(without(field));
    const text = explainMiner(read, "alice");
    expect(text).toContain("rank 1 of 1");
    expect(text).not.toMatch(/NaN|undefined/);
  });

  it("refuses what is no report at all", () => {
    for (const stored of [null, {}, { ...today, miners: [{ weight: 1 }] }]) expect(() => parseStoredEpoch(stored)).toThrow();
  });
});
