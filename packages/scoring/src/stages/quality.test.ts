import { describe, expect, it } from "@jest/globals";
import { makeSamples, makeSeries, target, targets, timingOf } from "../../test/make-series.js";
import { createMechanism } from "../create-mechanism.js";
import type { AnswerSample } from "../observation.js";
import type { ScoringParams } from "../params.js";
import { NINETEEN_2025 } from "../reference-presets/nineteen-2025.js";
import { scoreEpoch } from "../score-epoch.js";
import { VISION } from "../vision.js";

const many = Array.from({ length: 100 }, () => 1);

function qualityOf(samples: readonly AnswerSample[], params: ScoringParams = VISION) {
  const mechanism = createMechanism(params, { period: 0, periodsPerHour: 1, heldPeriods: null });
  return mechanism.quality(samples, mechanism.speedOf(target));
}

function ofVerdict(verdict: number, params: ScoringParams = VISION): number {
  return qualityOf(makeSamples(many, verdict), params).quality;
}

describe("quality", () => {
  it("W-10: uses only the miner's own samples of this task", () => {
    const epoch = { period: 100, periodsPerHour: 1, targets, taskWeights: { "chat-tiny": 1, "image-tiny": 1 } };
    const alone = scoreEpoch({ ...epoch, series: [makeSeries()] });
    const elsewhere = makeSeries({ taskId: "image-tiny", samples: makeSamples(many, 0.1, 0.1) });
    const outsider = makeSeries({ hotkey: "miner-b", taskId: "image-tiny", samples: makeSamples(many, 1, 1.5) });
    const both = scoreEpoch({ ...epoch, series: [makeSeries(), elsewhere, outsider] });
    const [before] = alone.miners[0]?.tasks ?? [];
    const after = both.miners[0]?.tasks.find((task) => task.taskId === "chat-tiny");
    expect(after).toEqual(before);
  });

  it("W-11: speed is no contest: a faster rival does not lower a miner's quality", () => {
    const epoch = { period: 100, periodsPerHour: 1, targets, taskWeights: { "chat-tiny": 1 } };
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
      expect(step).toBeLessThan(0.03);
    }
    // The reference's successor: a verdict of 0.898 gives 0.851, one of 0.896 falls to 0.72.
    expect(ofVerdict(0.898, NINETEEN_2025) - ofVerdict(0.896, NINETEEN_2025)).toBeGreaterThan(0.12);
  });

  it("is lower for few samples and 0 for none", () => {
    const of = (count: number) => qualityOf(makeSamples(many.slice(0, count))).quality;
    expect(of(0)).toBe(0);
    expect(of(1)).toBeCloseTo(0.8, 6);
    expect(of(100)).toBeCloseTo(100 / 100.25, 6);
  });

  it("regression: the many checks of a large draw made up for wrong answers in all other hours", () => {
    const large = makeSamples(Array.from({ length: 24 }, () => 10));
    const wrongAt = (...periods: readonly number[]) => qualityOf([...large, ...makeSamples(periods, 0)]).quality;
    // Three of 27 answers, and three of four hours.
    expect(wrongAt(11, 12, 13)).toBeLessThan(0.001);
    // Three of 27 answers in one of many hours are three of 27.
    const spread = Array.from({ length: 24 }, (_, index) => 10 + index);
    const once = qualityOf([...makeSamples(spread), ...makeSamples([12, 12, 12], 0)]).quality;
    expect(once).toBeGreaterThan(0.05);
    // One wrong answer is forgiven, and so is one hour.
    expect(wrongAt(11)).toBeGreaterThan(0.9);
  });

  it("does not depend on the order of samples, to the bit", () => {
    const samples = Array.from({ length: 57 }, (_, index) => ({
      period: index % 9,
      qualityFraction: 1 / (index + 1),
      ...timingOf(Math.sqrt(index) / 6),
    }));
    expect(qualityOf([...samples].reverse())).toEqual(qualityOf(samples));
  });

  it("takes values out of range as their bound, and what is no number as 0", () => {
    const odd = [Number.NaN, -1, 7, Number.POSITIVE_INFINITY].map((value) => ({
      ...{ period: 1, qualityFraction: value },
      ...{ firstTokenMs: value, durationMs: value, units: value },
    }));
    const result = qualityOf(odd);
    expect(result.meanVerdict).toBe(0.25);
    expect(Number.isFinite(result.quality)).toBe(true);
    expect(qualityOf([{ period: Number.NaN, qualityFraction: 1, ...timingOf(1) }])).toMatchObject({
      quality: 0,
      skipped: 1,
    });
  });

  it("is not misled by a period that only compares like a number", () => {
    // Found by a property run: `true` is greater than -743 and is no period.
    const samples = [
      { period: -743, qualityFraction: 1, ...timingOf(1) },
      { period: true as unknown as number, qualityFraction: 1, ...timingOf(1) },
    ];
    expect(qualityOf(samples)).toMatchObject({ sampleCount: 1, skipped: 1, meanVerdict: 1 });
  });
});
