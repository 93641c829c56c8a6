import { describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import { makeSamples, makeSeries, makeTally, targets } from "../test/make-series.js";
import type { MinerTaskSeries } from "./observation.js";
import { NINETEEN_2025 } from "./reference-presets/nineteen-2025.js";
import { VISION_2024 } from "./reference-presets/vision-2024.js";
import { scoreEpoch } from "./score-epoch.js";
import { toWeightFractions } from "./stages/to-weights.js";
import { VISION } from "./vision.js";
import { visionParams } from "./vision-params.js";

const epoch = { period: 100, periodsPerHour: 1, targets, taskWeights: { "chat-tiny": 0.6, "image-tiny": 0.4 } };

/** Every number in a value, however deep. */
function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(numbersIn);
}

describe("scoreEpoch", () => {
  const oddCapacities: readonly (readonly [unknown, string | null])[] = [
    [Number.NaN, "declared capacity was NaN, counted as 0"],
    [Number.POSITIVE_INFINITY, "declared capacity was Infinity, counted as 0"],
    [Number.NEGATIVE_INFINITY, "declared capacity was -Infinity, counted as 0"],
    [null, "declared capacity was null, counted as 0"],
    [undefined, "declared capacity was undefined, counted as 0"],
    ["5000", 'declared capacity was "5000", counted as 0'],
    [-5, "declared capacity was -5, counted as 0"],
    [1e308, "declared capacity was 1e+308, counted as 1000000000000000"],
    [{ valueOf: () => 5 }, "declared capacity was [object Object], counted as 0"],
    [0, null],
  ];

  it("W-04: any capacity costs only the miner that sent it; the others' values do not change by a bit", () => {
    const others = [makeSeries({ hotkey: "miner-b" }), makeSeries({ hotkey: "miner-c", samples: makeSamples([99], 0.7, 1.2) })];
    const without = scoreEpoch({ ...epoch, series: others });
    for (const [capacity, message] of oddCapacities) {
      for (const params of [VISION, VISION_2024, NINETEEN_2025]) {
        // A miner may send anything, whatever the type says.
        const odd = makeSeries({ hotkey: "odd", samples: [], declaredCapacityPerHour: capacity as number });
        const expected = scoreEpoch({ ...epoch, series: others }, params);
        const report = scoreEpoch({ ...epoch, series: [odd, ...others] }, params);
        const untouched = report.miners.filter((miner) => miner.hotkey !== "odd");
        expect([String(message), params.name, untouched]).toEqual([String(message), params.name, expected.miners]);
        expect(report.problems.map((problem) => problem.message)).toEqual(message === null ? [] : [message]);
        expect(numbersIn(report).filter((value) => !Number.isFinite(value))).toEqual([]);
      }
    }
    expect(without.problems).toEqual([]);
  });

  it("W-04: a huge capacity is paid no more than what was proven", () => {
    const series = [makeSeries(), makeSeries({ hotkey: "huge", declaredCapacityPerHour: 1e308 })];
    const [huge, honest] = scoreEpoch({ ...epoch, series }).miners;
    expect(huge?.tasks[0]?.creditedCapacityPerHour).toBe(824);
    expect(honest?.tasks[0]?.creditedCapacityPerHour).toBe(824);
  });

  it("gives a task that nobody serves to the other tasks, in proportion", () => {
    const report = scoreEpoch({ ...epoch, series: [makeSeries(), makeSeries({ taskId: "image-tiny", samples: [] })] });
    expect(report.tasks.map(({ taskId, isServed }) => [taskId, isServed])).toEqual([
      ["chat-tiny", true],
      ["image-tiny", false],
    ]);
    expect(toWeightFractions(report).get("miner-a")).toBe(1);
  });

  it("pays nothing for a task without a weight, and sets nothing when nobody earned anything", () => {
    const report = scoreEpoch({ ...epoch, series: [makeSeries({ taskId: "custom" })] });
    expect(toWeightFractions(report)).toEqual(new Map([["miner-a", 0]]));
    expect(toWeightFractions(scoreEpoch({ ...epoch, series: [] }))).toEqual(new Map());
  });

  it("handles hotkeys and tasks named like object properties", () => {
    const series = [makeSeries({ hotkey: "__proto__" }), makeSeries({ hotkey: "constructor", taskId: "toString" })];
    const fractions = toWeightFractions(scoreEpoch({ ...epoch, taskWeights: { "chat-tiny": 1 }, series }));
    expect([...fractions]).toEqual([
      ["__proto__", 1],
      ["constructor", 0],
    ]);
  });

  it("counts two series of the same miner and task as one, and says so", () => {
    const whole = makeSeries();
    const halves: MinerTaskSeries[] = [
      { ...whole, periods: whole.periods.slice(0, 5), samples: whole.samples.slice(0, 5) },
      { ...whole, periods: whole.periods.slice(5), samples: whole.samples.slice(5) },
    ];
    const report = scoreEpoch({ ...epoch, series: halves });
    expect(report.miners).toEqual(scoreEpoch({ ...epoch, series: [whole] }).miners);
    expect(report.problems).toEqual([{ hotkey: "miner-a", taskId: "chat-tiny", message: "was observed in two series, counted as one" }]);
  });

  it("scores with the reference presets: declared capacity, completed volume, cubic shares", () => {
    const series = [makeSeries({ hotkey: "a", declaredCapacityPerHour: 2000 }), makeSeries({ hotkey: "b", declaredCapacityPerHour: 1000 })];
    const [a, b] = scoreEpoch({ ...epoch, series }, VISION_2024).miners;
    expect((a?.weight ?? 0) / (b?.weight ?? 1)).toBeCloseTo(8, 9);
  });

  it("survives JSON unchanged", () => {
    const report = scoreEpoch({ ...epoch, series: [makeSeries(), makeSeries({ hotkey: "b", declaredCapacityPerHour: Number.NaN })] });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("refuses a period length that is not one", () => {
    for (const periodsPerHour of [0, -1, Number.NaN]) {
      expect(() => scoreEpoch({ ...epoch, periodsPerHour, series: [] })).toThrow(VisionError);
    }
  });

  it("leaves out tallies without a usable period number and says so", () => {
    const tally = { ...makeTally(1, { declared: 1000, served: 10 }), period: Number.NaN };
    const report = scoreEpoch({ ...epoch, series: [makeSeries({ periods: [tally] })] });
    expect(report.problems).toHaveLength(1);
    expect(report.miners[0]?.weight).toBe(0);
  });

  it("counts every answer as fast as the target, and says so, where no usable target is known", () => {
    const slow = makeSeries({ samples: makeSamples([100, 100], 1, 0.1) });
    for (const unusable of [
      {},
      { "chat-tiny": { firstTokenMs: 0, unitsPerSecond: 80 } },
      { "chat-tiny": { firstTokenMs: 1, unitsPerSecond: Number.NaN } },
    ]) {
      const report = scoreEpoch({ ...epoch, targets: unusable, series: [slow] });
      expect(report.miners[0]?.tasks[0]?.meanSpeedFactor).toBe(1);
      expect(report.problems).toContainEqual({ taskId: "chat-tiny", message: "has no usable speed target, every answer counted as 1" });
    }
    expect(scoreEpoch({ ...epoch, series: [slow] }).miners[0]?.tasks[0]?.meanSpeedFactor).toBeCloseTo(0.1, 6);
  });
});

describe("visionParams", () => {
  it("changes what is named and keeps the rest", () => {
    const params = visionParams({ capacity: { headroom: 3 }, shareExponent: 1.5 });
    expect(params).toEqual({ ...VISION, shareExponent: 1.5, capacity: { ...VISION.capacity, headroom: 3 } });
  });

  it("names every mistake at once", () => {
    const wrong = { capacity: { headroom: 0.5 }, average: { halfLifeHours: Number.NaN, halfLife: 3 }, shareExponent: 0.5 };
    expect(() => visionParams(wrong)).toThrow(
      /halfLifeHours is NaN.*average.halfLife is not a parameter.*headroom is 0.5.*shareExponent is 0.5/,
    );
  });

  it("regression: a misspelt stage, and one that holds no parameters, changed nothing and were called good", () => {
    const wrong = { qualty: { verdictPower: 2 }, shareExponnent: 2, toString: 1, speed: 2, capacity: null, evidence: [1] } as object;
    expect(() => visionParams(wrong)).toThrow(
      /qualty is not a parameter; shareExponnent is not a parameter; toString is not a parameter; speed must hold.*capacity must hold.*evidence must hold/,
    );
  });
});
