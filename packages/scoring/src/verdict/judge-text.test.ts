import { describe, expect, it } from "@jest/globals";
import { gumbelNoise, readSamplingRules, type ScoredPosition, type TaskCheck } from "@vision/protocol";
import fc from "fast-check";
import { createSeededRandom, type Random } from "../probing/random.js";
import { judgeText, type TextEvidence } from "./judge-text.js";

const exact: TaskCheck = { kind: "teacher-forcing", samplers: ["gumbel-murmur3"], marginNats: 0.1, maxLogprobDifference: 0.05 };
const remote: TaskCheck = { kind: "teacher-forcing", samplers: ["unknown"], marginNats: 0.5, maxLogprobDifference: 0.25 };

const END = 9_999;
const PROMPT = [1, 2, 3];
const SEED = 5;

/** A position at which the returned token is the likeliest of three by far, so that no noise draws another. */
function token(changes: Partial<ScoredPosition> = {}): ScoredPosition {
  return { tokenId: 1, logprob: -0.0001, rank: 0, bestIds: [1, 2, END], bestLogprobs: [-0.0001, -14, -16], ...changes };
}

/** The returned token is so many nats behind the likeliest. */
const behind = (nats: number, rank = 1): ScoredPosition =>
  token({ tokenId: 500, logprob: -0.3 - nats, rank, bestIds: [1, 2], bestLogprobs: [-0.3, -20] });

const endToken = token({ tokenId: END, bestIds: [END, 1, 2] });

function evidence(positions: readonly (ScoredPosition | null)[], changes: Partial<TextEvidence> = {}): TextEvidence {
  return {
    positions,
    claimedLogprobs: positions.map((position) => position?.logprob ?? -1),
    endPositions: [endToken],
    endTokenIds: [END],
    promptTokens: PROMPT,
    finishReason: "stop",
    stopTokens: 0,
    tokenLimit: 64,
    sampler: "gumbel-murmur3",
    rules: readSamplingRules({ temperature: 0 }),
    seed: SEED,
    ...changes,
  };
}

const honest = Array.from({ length: 40 }, () => token());
const at = (temperature: number): Partial<TextEvidence> => ({ rules: readSamplingRules({ temperature }) });
const unknown = (temperature: number): Partial<TextEvidence> => ({ ...at(temperature), sampler: "unknown" });
const replaced = (count: number, by: ScoredPosition, from = 20) =>
  honest.map((position, index) => (index >= from && index < from + count ? by : position));

function qualityOf(input: TextEvidence, check: TaskCheck = exact): number {
  const verdict = judgeText(input, check);
  if (verdict.kind !== "judged") throw new Error(verdict.reason);
  expect(verdict.reasons.length > 0).toBe(verdict.qualityFraction < 1);
  expect(verdict.fault !== undefined).toBe(verdict.qualityFraction < 1);
  return verdict.qualityFraction;
}

describe("judgeText", () => {
  it("gives exactly 1 to an honest answer, at any temperature, ended or at its limit", () => {
    for (const temperature of [0, 0.7, 1]) {
      for (const [check, changes] of [
        [exact, at(temperature)],
        [remote, unknown(temperature)],
      ] as const) {
        expect(qualityOf(evidence(honest, changes), check)).toBe(1);
        expect(qualityOf(evidence(honest, { ...changes, finishReason: "length", endPositions: [], tokenLimit: 40 }), check)).toBe(1);
      }
    }
    // Another native runtime: margins up to 0.079, logprobs off by 0.002 on average and 0.083 at most.
    const native = replaced(1, behind(0.079));
    const claims = native.map(({ logprob }, index) => logprob - (index === 5 ? 0.083 : 0.002));
    expect(qualityOf(evidence(native, { claimedLogprobs: claims }))).toBe(1);
  });

  it("regression: one honest flip between near equals in 16 tokens cost a quarter of the quality", () => {
    const short = honest.slice(0, 16);
    // Two tokens of the same likelihood, drawn apart by the noise alone: the one with less noise is returned.
    const noise = (id: number) => gumbelNoise(SEED, PROMPT.length - 1 + 7, id);
    const gap = Math.abs(noise(1) - noise(2));
    const [more, less] = noise(1) > noise(2) ? [1, 2] : [2, 1];
    const flip = token({ tokenId: less, logprob: -0.7, rank: 0, bestIds: [less, more], bestLogprobs: [-0.7, -0.75 - gap] });
    expect(
      qualityOf(
        evidence(
          short.map((position, index) => (index === 7 ? flip : position)),
          at(1),
        ),
      ),
    ).toBe(1);
  });

  it("catches another model by single tokens, not by the mean, at temperature 0 and above", () => {
    for (const changes of [at(0), at(0.7)]) {
      expect(qualityOf(evidence(replaced(1, behind(18, 40)), changes))).toBe(0);
    }
    // 41 tokens with the end, of a hundred that may have one as far behind again.
    expect(qualityOf(evidence(replaced(1, behind(0.2))))).toBeCloseTo(0.5 + 0.41 / 2, 9);
    expect(qualityOf(evidence(replaced(4, behind(0.2))))).toBe(0);
  });

  it("regression: a long honest answer lost quality to one token that was a little further behind than the rest", () => {
    const long = (count: number, nats: number, length: number) => {
      const positions = Array.from({ length }, (_, index) => (index < count ? behind(nats) : token()));
      return qualityOf(evidence(positions, { claimedLogprobs: positions.map(({ logprob }) => logprob), tokenLimit: length }));
    };
    // SmolLM2-135M, 131 tokens in a batch of two, one of which was further behind than any honest one before.
    expect(long(1, 0.2, 130)).toBe(1);
    expect(long(2, 0.15, 130)).toBe(1);
    expect(long(4, 0.15, 130)).toBeLessThan(1);
    // A short one has little room: another model differs from the right one in a token or two of it.
    expect(long(1, 0.2, 9)).toBeCloseTo(0.55, 9);
  });

  it("catches another seed, whose tokens are as likely", () => {
    const even = Array.from({ length: 40 }, () => token({ logprob: -0.7, bestIds: [1, 2], bestLogprobs: [-0.69, -0.7] }));
    expect(qualityOf(evidence(even, at(1)))).toBe(0);
    expect(qualityOf(evidence(even, unknown(1)), remote)).toBe(1);
  });

  it("W-20: punishes an answer that was cut off", () => {
    const cut = honest.slice(0, 10);
    const unlikelyEnd = token({ tokenId: END, logprob: -9, rank: 30, bestIds: [1, 2], bestLogprobs: [-0.01, -5] });
    expect(qualityOf(evidence(cut, { finishReason: "length", endPositions: [] }))).toBe(0);
    for (const temperature of [0, 0.7]) {
      expect(qualityOf(evidence(cut, { endPositions: [unlikelyEnd], ...at(temperature) }))).toBe(0);
      expect(qualityOf(evidence(cut, { endPositions: [unlikelyEnd], ...unknown(temperature) }), remote)).toBe(0);
    }
    expect(qualityOf(evidence(cut, { finishReason: "unknown", endPositions: [] }))).toBe(0);
    expect(qualityOf(evidence([], { finishReason: "length", endPositions: [] }))).toBe(0);
  });

  it("accepts an end at one of the request's own stop sequences, whether its tokens are listed or not", () => {
    expect(qualityOf(evidence(honest, { endPositions: [], stopTokens: 2 }))).toBe(1);
    expect(qualityOf(evidence(honest, { endPositions: [token(), token()] }))).toBe(1);
  });

  it("regression: an answer could be cut by writing the user's own stop sequence into it", () => {
    const cut = [...honest.slice(0, 6), behind(12, 80)];
    const ended: Partial<TextEvidence> = { endPositions: [], stopTokens: 1 };
    expect(qualityOf(evidence(cut, ended))).toBe(0);
    expect(qualityOf(evidence(cut, { ...ended, ...at(1) }))).toBe(0);
    expect(qualityOf(evidence(cut, { ...ended, ...unknown(1) }), remote)).toBe(0);
    expect(qualityOf(evidence(honest.slice(0, 6), { endPositions: [behind(12, 80)], ...unknown(1) }), remote)).toBe(0);
  });

  it("gives 0 for missing logprobs, unknown tokens and too many tokens", () => {
    expect(qualityOf(evidence(honest, { claimedLogprobs: honest.map((_, index) => (index === 3 ? null : -0.0001)) }))).toBe(0);
    expect(qualityOf(evidence([...honest, null]))).toBe(0);
    expect(qualityOf(evidence(honest, { tokenLimit: 39 }))).toBe(0);
  });

  it("compares claimed logprobs by their mean and by the largest difference", () => {
    const off = (nats: number) => qualityOf(evidence(honest, { claimedLogprobs: honest.map(() => -0.0001 - nats) }));
    expect(off(0.049)).toBe(1);
    expect(off(0.075)).toBeCloseTo(0.5, 6);
    expect(off(0.2)).toBe(0);
    const one = honest.map((_, index) => (index === 0 ? -0.7501 : -0.0001));
    expect(qualityOf(evidence(honest, { claimedLogprobs: one }))).toBeCloseTo(0.5, 6);
  });

  it("with a sampler of the miner's own, counts only implausible tokens", () => {
    const of = (count: number) => qualityOf(evidence(replaced(count, behind(4, 12)), unknown(1)), remote);
    expect(of(7)).toBe(1);
    expect(of(10)).toBeLessThan(1);
    expect(of(20)).toBe(0);
    const rambling = token({ logprob: -9, rank: 1, bestIds: [END, 1], bestLogprobs: [-0.0002, -9] });
    expect(qualityOf(evidence(replaced(1, rambling), unknown(1)), remote)).toBe(0);
  });

  describe("regression: honest answers at high temperatures were found worthless where the sampler is not known", () => {
    // A model that is unsure at every place: 128 tokens, each a little less likely than the one before, and an end among them.
    const logits = Array.from({ length: 128 }, (_, rank) => -rank / 24);
    const whole = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const bestLogprobs = logits.map((logit) => logit - whole);
    const bestIds = logits.map((_, rank) => (rank === 2 ? END : 100 + rank));
    const LENGTH = 40;

    /** An answer of tokens drawn at a temperature, none of them the end. */
    const draw = (temperature: number, random: Random) => {
      const masses = logits.map((logit, rank) => (rank === 2 ? 0 : Math.exp(logit / temperature)));
      const total = masses.reduce((sum, mass) => sum + mass, 0);
      return Array.from({ length: LENGTH }, () => {
        const at = random.next() * total;
        let before = 0;
        const rank = masses.findIndex((mass) => {
          before += mass;
          return before > at;
        });
        return token({ tokenId: bestIds[rank] ?? 0, logprob: bestLogprobs[rank] ?? 0, rank, bestIds, bestLogprobs });
      });
    };
    const faulty = (drawnAt: number, claimed: number, answers: number) => {
      const random = createSeededRandom("high temperatures", [drawnAt, claimed]);
      const judged = Array.from({ length: answers }, () =>
        qualityOf(
          evidence(draw(drawnAt, random), { ...unknown(claimed), finishReason: "length", endPositions: [], tokenLimit: LENGTH }),
          remote,
        ),
      );
      return judged.filter((quality) => quality < 1).length / answers;
    };

    it("finds no fault with any of 600 that are drawn as they were asked for", () => {
      for (const temperature of [0.7, 1, 1.5]) expect(faulty(temperature, temperature, 200)).toBe(0);
    });

    it("still finds who draws far hotter than was asked", () => {
      expect(faulty(1, 0.2, 50)).toBe(1);
    });
  });

  it("judges an answer under a grammar by its claims and by what is plausible, not by where it goes or ends", () => {
    const rules = readSamplingRules({ temperature: 0, response_format: { type: "json_object" } });
    const forced = replaced(2, behind(9, 300));
    const changes: Partial<TextEvidence> = { rules, endPositions: [behind(11, 500)] };
    expect(qualityOf(evidence(forced, changes))).toBe(1);
    expect(qualityOf(evidence(forced, { ...changes, claimedLogprobs: forced.map(({ logprob }) => logprob - 0.3) }))).toBe(0);
    expect(qualityOf(evidence(replaced(20, behind(9, 300)), changes))).toBe(0);
  });

  it("tells what an answer says beyond its own quality", () => {
    const verdict = judgeText(evidence(replaced(2, behind(0.02)), { claimedLogprobs: honest.map(() => -0.3) }), exact);
    if (verdict.kind !== "judged") throw new Error(verdict.reason);
    // 41 tokens with the end; a hundredth of the allowed mean is the unit's tenth.
    expect(verdict.evidence?.margins).toEqual([39, 0, 0, 0, 2, 0, 0, 0]);
    expect(verdict.evidence?.claims.reduce((sum, count) => sum + count, 0)).toBe(40);
    expect(verdict.evidence?.isGreedy).toBe(true);
    const sampled = judgeText(evidence(honest, unknown(1)), remote);
    if (sampled.kind !== "judged") throw new Error(sampled.reason);
    expect(sampled.evidence).toMatchObject({ isGreedy: false, margins: null, surprise: { variance: expect.any(Number) } });
  });

  it("is inconclusive for what the validator failed at", () => {
    expect(judgeText(evidence(honest, { claimedLogprobs: [] }), exact).kind).toBe("inconclusive");
    expect(judgeText(evidence(honest, { endPositions: [] }), exact).kind).toBe("inconclusive");
    expect(judgeText(evidence(replaced(1, token({ logprob: Number.NaN })), { claimedLogprobs: honest.map(() => -0.1) }), exact).kind).toBe(
      "inconclusive",
    );
    expect(judgeText(evidence(replaced(1, token({ bestIds: [], bestLogprobs: [] }))), exact).kind).toBe("inconclusive");
    expect(judgeText(evidence(honest), { kind: "regenerate", maxPixelDifference: 0 }).kind).toBe("inconclusive");
    expect(judgeText(evidence(honest), { kind: "none" })).toEqual({ kind: "judged", qualityFraction: 1, reasons: [] });
  });

  it("stays within 0 to 1 for any claims", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double(), fc.constant(null)), { minLength: 40, maxLength: 40 }),
        fc.boolean(),
        (claims, isGreedy) => {
          const quality = qualityOf(evidence(honest, { claimedLogprobs: claims, ...at(isGreedy ? 0 : 0.7) }));
          expect(quality >= 0 && quality <= 1).toBe(true);
        },
      ),
    );
  });
});
