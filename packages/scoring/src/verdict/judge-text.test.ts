import { describe, expect, it } from "@jest/globals";
import type { TaskCheck } from "@vision/protocol";
import fc from "fast-check";
import { judgeText, type TextEvidence, type TokenScore } from "./judge-text.js";

const exact: TaskCheck = {
  kind: "teacher-forcing",
  sampler: "gumbel-max",
  marginNats: 0.1,
  minMatchFraction: 0.97,
  maxLogprobDifference: 0.05,
};
const remote: TaskCheck = { kind: "teacher-forcing", sampler: "any", marginNats: 0.5, minMatchFraction: 0, maxLogprobDifference: 0.25 };

function token(changes: Partial<TokenScore> = {}): TokenScore {
  return { logprob: -0.3, rank: 0, marginNats: 0, isSampledChoice: true, endLogprob: -8, ...changes };
}

function evidence(scores: readonly (TokenScore | null)[], changes: Partial<TextEvidence> = {}): TextEvidence {
  return {
    tokenScores: scores,
    claimedLogprobs: scores.map((score) => score?.logprob ?? -1),
    endScore: token(),
    finishReason: "stop",
    isEndedByStopSequence: false,
    tokenLimit: 64,
    temperature: 0,
    ...changes,
  };
}

const honest = Array.from({ length: 40 }, () => token());

function replaced(count: number, changes: Partial<TokenScore>, from = 20): TokenScore[] {
  return honest.map((score, index) => (index >= from && index < from + count ? token(changes) : score));
}

function qualityOf(input: TextEvidence, check: TaskCheck = exact): number {
  const verdict = judgeText(input, check);
  if (verdict.kind !== "judged") throw new Error(verdict.reason);
  expect(verdict.reasons.length > 0).toBe(verdict.qualityFraction < 1);
  return verdict.qualityFraction;
}

describe("judgeText", () => {
  it("gives exactly 1 to an honest answer, at any temperature, ended or at its limit", () => {
    for (const temperature of [0, 0.7, 1]) {
      for (const check of [exact, remote]) {
        expect(qualityOf(evidence(honest, { temperature }), check)).toBe(1);
        expect(qualityOf(evidence(honest, { temperature, finishReason: "length", endScore: null, tokenLimit: 40 }), check)).toBe(1);
      }
    }
    // Another native runtime: margins up to 0.079, logprobs off by 0.002 on average and 0.083 at most.
    const native = replaced(1, { marginNats: 0.079, rank: 1 });
    expect(qualityOf(evidence(native, { claimedLogprobs: native.map((_, index) => (index === 5 ? -0.383 : -0.302)) }))).toBe(1);
  });

  it("catches another model at temperature 0 by single tokens, not by the mean", () => {
    expect(qualityOf(evidence(replaced(1, { marginNats: 18, rank: 40 })))).toBe(0);
    expect(qualityOf(evidence(replaced(1, { marginNats: 0.2, rank: 1 })))).toBeCloseTo(0.5, 9);
    expect(qualityOf(evidence(replaced(4, { marginNats: 0.2, rank: 1 })))).toBe(0);
  });

  it("catches another model above temperature 0 by the tokens that the seed does not give", () => {
    const sampled = (count: number, from = 20) =>
      qualityOf(evidence(replaced(count, { isSampledChoice: false }, from), { temperature: 0.7 }));
    expect(sampled(1)).toBe(1);
    expect(sampled(2)).toBeGreaterThan(sampled(3));
    expect(sampled(8)).toBe(0);
  });

  it("catches an answer to another prompt by its first tokens", () => {
    const head = replaced(3, { isSampledChoice: false }, 0);
    const middle = replaced(3, { isSampledChoice: false }, 20);
    expect(qualityOf(evidence(head, { temperature: 0.7 }))).toBe(0);
    expect(qualityOf(evidence(middle, { temperature: 0.7 }))).toBeGreaterThan(0);
  });

  it("W-20: punishes an answer that was cut off", () => {
    const cut = honest.slice(0, 10);
    const unlikelyEnd = token({ logprob: -9, rank: 30, marginNats: 9, isSampledChoice: false });
    expect(qualityOf(evidence(cut, { finishReason: "length", endScore: null }))).toBe(0);
    for (const temperature of [0, 0.7]) {
      for (const check of [exact, remote]) expect(qualityOf(evidence(cut, { endScore: unlikelyEnd, temperature }), check)).toBe(0);
    }
    expect(qualityOf(evidence(cut, { finishReason: "unknown", endScore: null }))).toBe(0);
    expect(qualityOf(evidence([], { finishReason: "length", endScore: null }))).toBe(0);
  });

  it("accepts an end at one of the request's own stop sequences", () => {
    expect(qualityOf(evidence(honest, { endScore: null, isEndedByStopSequence: true }))).toBe(1);
  });

  it("gives 0 for missing logprobs, unknown tokens and too many tokens", () => {
    expect(qualityOf(evidence(honest, { claimedLogprobs: honest.map((_, index) => (index === 3 ? null : -0.3)) }))).toBe(0);
    expect(qualityOf(evidence([...honest, null]))).toBe(0);
    expect(qualityOf(evidence(honest, { tokenLimit: 39 }))).toBe(0);
  });

  it("compares claimed logprobs by their mean and by the largest difference", () => {
    const off = (nats: number) => qualityOf(evidence(honest, { claimedLogprobs: honest.map(() => -0.3 - nats) }));
    expect(off(0.049)).toBe(1);
    expect(off(0.075)).toBeCloseTo(0.5, 6);
    expect(off(0.2)).toBe(0);
    const one = honest.map((_, index) => (index === 0 ? -1.05 : -0.3));
    expect(qualityOf(evidence(honest, { claimedLogprobs: one }))).toBeCloseTo(0.5, 6);
  });

  it("with a sampler of the miner's own, counts only implausible tokens", () => {
    const of = (count: number) => qualityOf(evidence(replaced(count, { rank: 12, isSampledChoice: false }), { temperature: 1 }), remote);
    expect(of(7)).toBe(1);
    expect(of(10)).toBeLessThan(1);
    expect(of(20)).toBe(0);
    expect(qualityOf(evidence(replaced(1, { endLogprob: -0.01, logprob: -6 }), { temperature: 1 }), remote)).toBe(0);
  });

  it("is inconclusive for what the validator failed at", () => {
    expect(judgeText(evidence(honest, { claimedLogprobs: [] }), exact).kind).toBe("inconclusive");
    expect(judgeText(evidence(honest, { endScore: null }), exact).kind).toBe("inconclusive");
    expect(judgeText(evidence(replaced(1, { marginNats: Number.NaN })), exact).kind).toBe("inconclusive");
    expect(judgeText(evidence(honest), { kind: "regenerate", maxPixelDifference: 0 }).kind).toBe("inconclusive");
    expect(judgeText(evidence(honest), { kind: "none" })).toEqual({ kind: "judged", qualityFraction: 1, reasons: [] });
  });

  it("stays within 0 to 1 for any claims", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double(), fc.constant(null)), { minLength: 40, maxLength: 40 }),
        fc.boolean(),
        (claims, isGreedy) => {
          const quality = qualityOf(evidence(honest, { claimedLogprobs: claims, temperature: isGreedy ? 0 : 0.7 }));
          expect(quality >= 0 && quality <= 1).toBe(true);
        },
      ),
    );
  });
});
