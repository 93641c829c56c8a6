import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { timingOf } from "../../test/make-series.js";
import { createDecay } from "../decay.js";
import type { AnswerSample } from "../observation.js";
import { createHourVerdict } from "./hour-verdict.js";

const answer = (period: number, qualityFraction: number): AnswerSample => ({ period, qualityFraction, ...timingOf(1) });
const answers = (period: number, verdicts: readonly number[]) => verdicts.map((verdict) => answer(period, verdict));
const of = (samples: readonly AnswerSample[], periodsPerHour = 1) =>
  createHourVerdict(createDecay(24, periodsPerHour), periodsPerHour)(samples);
const large = answers(
  48,
  Array.from({ length: 24 }, () => 1),
);

describe("the mean verdict by hours", () => {
  it("counts every hour once, however many of its answers were checked, and half of it after 24 hours", () => {
    expect(of([...large, answer(24, 0)])).toEqual({ meanHourVerdict: 1 / 1.5, hourWeightSum: 1.5 });
    expect(of([...answers(48, [1, 1, 0, 0]), answer(0, 1)])).toEqual({ meanHourVerdict: 0.75 / 1.25, hourWeightSum: 1.25 });
  });

  it("puts the periods of an hour together", () => {
    const short = [...large.map((_, index) => answer(48 * 180 + index, 1)), answer(24 * 180 + 7, 0), answer(24 * 180 + 90, 0)];
    expect(of(short, 180)).toEqual(of([...large, answer(24, 0)]));
  });

  it("is 0 without an answer, and keeps nothing of one miner for the next", () => {
    const hourVerdict = createHourVerdict(createDecay(24, 1), 1);
    const first = hourVerdict([...large, answer(3, 0)]);
    expect(hourVerdict([])).toEqual({ meanHourVerdict: 0, hourWeightSum: 0 });
    expect(hourVerdict([answer(Number.NaN, 1)])).toEqual({ meanHourVerdict: 0, hourWeightSum: 0 });
    expect(hourVerdict([answer(3, 1)])).toEqual({ meanHourVerdict: 1, hourWeightSum: 1 });
    expect(hourVerdict([...large, answer(3, 0)])).toEqual(first);
  });

  it("takes any period that is a number, however far back", () => {
    const { meanHourVerdict } = of([...large, answer(-1e300, 0), answer(1 - Number.MAX_VALUE, 0)]);
    expect(meanHourVerdict).toBeCloseTo(1, 9);
  });

  it("does not depend on the order of answers, to the bit, and no right answer more lowers what it is trusted by", () => {
    const sample = fc.record({ period: fc.integer({ min: 0, max: 400 }), verdict: fc.integer({ min: 0, max: 100 }) });
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 0, max: 500 }),
        fc.constantFrom(1, 4),
        (drawn, at, per) => {
          const samples = drawn.map(({ period, verdict }) => answer(period, verdict / 100));
          const trust = (each: readonly AnswerSample[]) => {
            const { meanHourVerdict, hourWeightSum } = of(each, per);
            return Math.min(1, meanHourVerdict + 1 / Math.max(hourWeightSum, 1));
          };
          expect(of([...samples].reverse(), per)).toEqual(of(samples, per));
          expect(trust([...samples, answer(at, 1)])).toBeGreaterThanOrEqual(trust(samples) - 1e-12);
        },
      ),
    );
  });
});
