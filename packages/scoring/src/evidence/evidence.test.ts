import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { makeSamples, targets } from "../../test/make-series.js";
import { explainMiner } from "../explain-miner.js";
import type { AnswerSample } from "../observation.js";
import { createSeededRandom } from "../probing/index.js";
import { scoreEpoch } from "../score-epoch.js";
import { VISION } from "../vision.js";
import { accumulateEvidence } from "./accumulate-evidence.js";
import { type AnswerEvidence, BIN_EDGES, countBins, honestNoiseNats } from "./answer-evidence.js";
import { claimModels, marginModels } from "./engine-models.js";
import { MOST_WEIGHT, weighAnswer } from "./weigh-answer.js";

const TOKENS = 60;
/** Counts of an answer whose tokens fall into the bins exactly as often as a model has it. */
const counts = (logShares: readonly number[]) => logShares.map((share) => Math.round(Math.exp(share) * TOKENS));

const exact: AnswerEvidence = {
  isGreedy: false,
  margins: [TOKENS, 0, 0, 0, 0, 0, 0, 0],
  claims: [TOKENS, 0, 0, 0, 0, 0, 0, 0],
  surprise: null,
};
// An answer of llama.cpp on the reference's own file.
const native: AnswerEvidence = { ...exact, margins: [59, 0, 0, 1, 0, 0, 0, 0], claims: [33, 4, 6, 7, 8, 2, 0, 0] };
// One of 4-bit weights, and one by another seed with the right logprobs.
const fourBits: AnswerEvidence = { ...exact, margins: [58, 0, 0, 0, 0, 1, 1, 0], claims: [24, 4, 3, 4, 5, 8, 8, 4] };
const otherSeed: AnswerEvidence = { ...exact, margins: [50, 0, 0, 0, 0, 0, 2, 8] };

const sampleOf = (evidence: AnswerEvidence, period: number, more: Partial<AnswerSample> = {}): AnswerSample => ({
  ...{ period, qualityFraction: 1, firstTokenMs: 400, durationMs: 1_000, units: TOKENS },
  evidence,
  ...more,
});
const many = (evidence: AnswerEvidence, count: number, more: Partial<AnswerSample> = {}) =>
  Array.from({ length: count }, (_, index) => sampleOf(evidence, index, more));
const at = (period: number) => ({ params: VISION.evidence, period, periodsPerHour: 1 });

describe("countBins", () => {
  it("counts distances in units of what honest engines of the task differ by", () => {
    const noise = honestNoiseNats({ maxLogprobDifference: 0.05 });
    expect(noise).toBeCloseTo(0.005, 12);
    expect(countBins([0, 0.0004, 0.004, 0.04, 5], noise)).toEqual([2, 0, 1, 0, 1, 0, 0, 1]);
    expect(countBins([0.02], honestNoiseNats({ maxLogprobDifference: 0.25 }))).toEqual([0, 0, 1, 0, 0, 0, 0, 0]);
    for (const { honest, otherLogits } of [marginModels, claimModels]) {
      for (const shares of [...honest, otherLogits]) expect(shares).toHaveLength(BIN_EDGES.length + 1);
    }
  });
});

describe("weighAnswer", () => {
  it("weighs honest answers of either engine for nothing, and cheats for what they do", () => {
    for (const evidence of [exact, native]) for (const weight of Object.values(weighAnswer(evidence))) expect(weight).toBeLessThan(0);
    expect(weighAnswer(fourBits)).toMatchObject({ "other logprobs": MOST_WEIGHT });
    expect(weighAnswer(otherSeed)["wrong draws"]).toBe(MOST_WEIGHT);
    expect(weighAnswer({ ...otherSeed, margins: null })["wrong draws"]).toBeUndefined();
  });

  it("lets no single answer decide", () => {
    const worst = { ...exact, margins: [0, 0, 0, 0, 0, 0, 0, 5_000], claims: [0, 0, 0, 0, 0, 0, 0, 5_000] };
    expect(Math.max(...Object.values(weighAnswer(worst)))).toBe(MOST_WEIGHT);
    expect(2 * MOST_WEIGHT).toBeGreaterThanOrEqual(VISION.evidence.actNats);
  });

  it("tells colder draws from hotter ones where the sampler is unknown", () => {
    const weights = weighAnswer({ ...exact, margins: null, surprise: { excessNats: -20, variance: 40 } });
    expect(weights["colder draws"]).toBeCloseTo((2 / 3) * (0.2 * 20 - 0.02 * 40), 9);
    expect(weights["hotter draws"]).toBeCloseTo((-2 / 3) * MOST_WEIGHT, 9);
    expect(weighAnswer({ ...exact, margins: null, surprise: { excessNats: Number.NaN, variance: 1 } })["colder draws"]).toBeUndefined();
  });
});

describe("accumulateEvidence", () => {
  it("never decides against an honest miner, however long", () => {
    for (const evidence of [
      exact,
      native,
      { ...exact, margins: counts(marginModels.honest[1] ?? []), claims: counts(claimModels.honest[1] ?? []) },
    ]) {
      expect(accumulateEvidence(many(evidence, 10_000), at(10_000))).toMatchObject({ isDecided: false, decidedPeriod: null, nats: 0 });
    }
  });

  describe("regression: of long answers by a sampler that is not known, honest ones were decided against once in some ten thousand", () => {
    // SmolLM2-135M at temperatures around 1, answers of at most 96 tokens: a variance of 38 square nats each.
    const VARIANCE = 38;
    const drawn = (miner: number, meanNats: number, count: number) => {
      const random = createSeededRandom("surprises", [miner]);
      const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
      return Array.from({ length: count }, (_, index) => {
        const surprise = { excessNats: meanNats + Math.sqrt(VARIANCE) * normal(), variance: VARIANCE };
        return sampleOf({ ...exact, margins: null, surprise }, index);
      });
    };
    const decided = (miner: number, meanNats: number, count: number) =>
      accumulateEvidence(drawn(miner, meanNats, count), at(count)).decidedPeriod !== null;
    const miners = Array.from({ length: 20 }, (_, index) => index);

    it("decides against none of twenty, with 10,000 answers each", () => {
      expect(miners.filter((miner) => decided(miner, 0, 10_000))).toEqual([]);
    });

    it("still finds draws that are 0.2 colder within 100", () => {
      expect(miners.filter((miner) => !decided(miner, -0.2 * VARIANCE, 100))).toEqual([]);
    });
  });

  it("decides in a few answers, however good each of them looks alone", () => {
    expect(accumulateEvidence(many(fourBits, 1), at(1)).isDecided).toBe(false);
    expect(accumulateEvidence(many(fourBits, 2), at(2))).toMatchObject({
      isDecided: true,
      decidedPeriod: 1,
      suspicion: "other logprobs in synthetic requests at temperature above 0",
    });
    // Who sends the right logprobs with its wrong tokens is found by the tokens.
    expect(accumulateEvidence(many(otherSeed, 4), at(4)).suspicion).toMatch(/^(wrong draws|other logits) in/);
  });

  it("finds who cheats users alone, or at temperature 0 alone, among any number of honest answers", () => {
    const honest = many(exact, 40);
    const users = many(fourBits, 3, { isOrganic: true });
    expect(accumulateEvidence([...honest, ...users], at(40))).toMatchObject({ decidedPeriod: 2, isDecided: false });
    expect(accumulateEvidence([...honest, ...users], at(20)).suspicion).toBe("other logprobs in users' requests at temperature above 0");
    const greedy = many({ ...fourBits, isGreedy: true }, 3);
    expect(accumulateEvidence([...honest, ...greedy], at(20)).suspicion).toBe("other logprobs in synthetic requests at temperature 0");
  });

  it("lets a decision lapse after its window, and starts half-way to the next one", () => {
    const found = many(fourBits, 2);
    const honestAfter = [sampleOf(exact, 2), sampleOf(exact, 3)];
    expect(accumulateEvidence(found, at(25)).isDecided).toBe(true);
    expect(accumulateEvidence(found, at(26)).isDecided).toBe(false);
    expect(accumulateEvidence(found, at(26)).nats).toBeCloseTo(VISION.evidence.actNats / 2, 6);
    expect(accumulateEvidence([...found, ...honestAfter], at(26)).nats).toBe(0);
    // One answer of the old kind is enough on probation.
    expect(accumulateEvidence([...found, sampleOf(fourBits, 26)], at(26))).toMatchObject({ isDecided: true, decidedPeriod: 26 });
  });

  it("does not depend on the order of answers, to the bit", () => {
    const samples = [...many(native, 9), ...many(fourBits, 3, { isOrganic: true }), ...many(otherSeed, 2), sampleOf(fourBits, 0)];
    fc.assert(
      fc.property(fc.shuffledSubarray(samples, { minLength: samples.length }), (shuffled) => {
        expect(accumulateEvidence(shuffled, at(9))).toEqual(accumulateEvidence(samples, at(9)));
      }),
    );
  });

  it("is finite for any counts that a store holds", () => {
    const count = fc.oneof(fc.nat(1e6), fc.constant(Number.NaN), fc.constant(-5), fc.constant(Number.POSITIVE_INFINITY));
    const bins = fc.array(count, { minLength: 0, maxLength: 9 });
    fc.assert(
      fc.property(bins, bins, fc.double(), fc.double(), (margins, claims, excessNats, variance) => {
        const evidence = { isGreedy: false, margins, claims, surprise: { excessNats, variance } };
        expect(Number.isFinite(accumulateEvidence(many(evidence, 5), at(5)).nats)).toBe(true);
      }),
    );
  });
});

describe("a decision", () => {
  it("leaves a quality of 0 while it holds, and explain says why", () => {
    const epoch = { period: 4, periodsPerHour: 1, targets, taskWeights: { "chat-tiny": 1 } };
    const series = (hotkey: string, samples: readonly AnswerSample[]) => ({
      hotkey,
      taskId: "chat-tiny",
      declaredCapacityPerHour: 1_000,
      samples,
      periods: [],
    });
    const report = scoreEpoch({
      ...epoch,
      series: [series("honest", many(native, 4)), series("cheat", many(fourBits, 4)), series("unchecked", makeSamples([1, 1], 1))],
    });
    const of = (hotkey: string) => report.miners.find((miner) => miner.hotkey === hotkey)?.tasks[0];
    expect(of("honest")?.quality).toBeGreaterThan(0.5);
    expect(of("unchecked")?.evidence).toEqual({ isDecided: false, decidedPeriod: null, nats: 0, suspicion: null });
    expect(of("cheat")).toMatchObject({ quality: 0, meanVerdict: 1, evidence: { isDecided: true } });
    expect(explainMiner(report, "cheat")).toMatch(/decided in period \d+ \(other logprobs in synthetic requests/);
    expect(explainMiner(report, "cheat")).toContain("are not those of an honest engine");
    expect(explainMiner(report, "honest")).not.toContain("Evidence");
  });
});
