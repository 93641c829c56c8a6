import { describe, expect, it } from "@jest/globals";
import { makeSamples, makeSeries } from "../../test/make-series.js";
import { createDecay } from "../decay.js";
import { NINETEEN_2025 } from "../presets/nineteen-2025.js";
import { VISION } from "../presets/vision.js";
import { scoreEpoch } from "../score-epoch.js";
import { quality } from "./quality.js";

const decay = createDecay(24, 1);
const many = Array.from({ length: 100 }, () => 1);

function ofVerdict(verdict: number, params: typeof VISION.quality | typeof NINETEEN_2025.quality = VISION.quality): number {
  return quality(makeSamples(many, verdict), params, decay).quality;
}

describe("quality", () => {
  it("W-10: uses only the miner's own samples of this task", () => {
    const epoch = { period: 100, periodsPerHour: 1, taskWeights: { "chat-tiny": 1, "image-tiny": 1 } };
    const alone = scoreEpoch({ ...epoch, series: [makeSeries()] });
    const elsewhere = makeSeries({ taskId: "image-tiny", samples: makeSamples(many, 0.1, 0.1) });
    const outsider = makeSeries({ hotkey: "miner-b", taskId: "image-tiny", samples: makeSamples(many, 1, 1.5) });
    const both = scoreEpoch({ ...epoch, series: [makeSeries(), elsewhere, outsider] });
    const [before] = alone.miners[0]?.tasks ?? [];
    const after = both.miners[0]?.tasks.find((task) => task.taskId === "chat-tiny");
    expect(after).toEqual(before);
  });

  it("W-11: speed is no contest: a faster rival does not lower a miner's quality", () => {
    const epoch = { period: 100, periodsPerHour: 1, taskWeights: { "chat-tiny": 1 } };
    const slow = makeSeries({ samples: makeSamples(many, 1, 0.99) });
    const fast = makeSeries({ hotkey: "miner-b", samples: makeSamples(many, 1, 1) });
    const [first, second] = scoreEpoch({ ...epoch, series: [slow, fast] }).miners;
    expect(first?.tasks[0]?.quality).toBe(scoreEpoch({ ...epoch, series: [slow] }).miners[0]?.tasks[0]?.quality);
    expect((first?.tasks[0]?.quality ?? 0) / (second?.tasks[0]?.quality ?? 1)).toBeCloseTo(0.99, 6);
    // The reference's successor takes a quarter from the slower one, however close.
    const [third, fourth] = scoreEpoch({ ...epoch, series: [slow, fast] }, NINETEEN_2025).miners;
    expect((third?.tasks[0]?.quality ?? 0) / (fourth?.tasks[0]?.quality ?? 1)).toBeCloseTo(0.75 / 1.25, 6);
  });

  it("W-17: has no cliff: a little more or less quality changes it a little", () => {
    for (let verdict = 0; verdict < 1; verdict += 0.001) {
      const step = ofVerdict(verdict + 0.001) - ofVerdict(verdict);
      expect(step).toBeGreaterThanOrEqual(0);
      expect(step).toBeLessThan(0.0021);
    }
    // The reference's successor: a verdict of 0.898 gives 0.851, one of 0.896 falls to 0.72.
    expect(ofVerdict(0.898, NINETEEN_2025.quality) - ofVerdict(0.896, NINETEEN_2025.quality)).toBeGreaterThan(0.12);
  });

  it("is lower for few samples and 0 for none", () => {
    const of = (count: number) => quality(makeSamples(many.slice(0, count)), VISION.quality, decay).quality;
    expect(of(0)).toBe(0);
    expect(of(1)).toBeCloseTo(0.8, 6);
    expect(of(100)).toBeCloseTo(100 / 100.25, 6);
  });

  it("does not depend on the order of samples, to the bit", () => {
    const samples = Array.from({ length: 57 }, (_, index) => ({
      period: index % 9,
      qualityFraction: 1 / (index + 1),
      speedFactor: Math.sqrt(index) / 5,
    }));
    expect(quality([...samples].reverse(), VISION.quality, decay)).toEqual(quality(samples, VISION.quality, decay));
  });

  it("takes values out of range as their bound, and what is no number as 0", () => {
    const odd = [Number.NaN, -1, 7, Number.POSITIVE_INFINITY].map((value) => ({ period: 1, qualityFraction: value, speedFactor: value }));
    const result = quality(odd, VISION.quality, decay);
    expect(result.meanVerdict).toBe(0.25);
    expect(Number.isFinite(result.quality)).toBe(true);
    expect(quality([{ period: Number.NaN, qualityFraction: 1, speedFactor: 1 }], VISION.quality, decay)).toMatchObject({
      quality: 0,
      skipped: 1,
    });
  });

  it("is not misled by a period that only compares like a number", () => {
    // Found by a property run: `true` is greater than -743 and is no period.
    const samples = [
      { period: -743, qualityFraction: 1, speedFactor: 1 },
      { period: true as unknown as number, qualityFraction: 1, speedFactor: 1 },
    ];
    expect(quality(samples, VISION.quality, decay)).toMatchObject({ sampleCount: 1, skipped: 1, meanVerdict: 1 });
  });
});
