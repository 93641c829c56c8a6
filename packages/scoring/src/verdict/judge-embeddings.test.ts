import { describe, expect, it } from "@jest/globals";
import { judgeEmbeddings } from "./judge-embeddings.js";
import type { Verdict } from "./verdict.js";

const check = { kind: "embed", minCosine: 0.999 } as const;
const reference = [
  [1, 0, 0],
  [0, 0.6, 0.8],
];

function qualityOf(answer: readonly (readonly number[] | null)[]): number | string {
  const verdict: Verdict = judgeEmbeddings(reference, answer, check);
  return verdict.kind === "judged" ? verdict.qualityFraction : verdict.kind;
}

/** The first vector, turned so that its cosine is this. */
const turned = (cosine: number) => [
  [cosine, Math.sqrt(1 - cosine * cosine), 0],
  [0, 0.6, 0.8],
];

describe("judgeEmbeddings", () => {
  it("counts vectors in full down to the task's cosine, and less below it", () => {
    expect(qualityOf(reference)).toBe(1);
    expect(qualityOf(turned(0.9991))).toBe(1);
    expect(qualityOf(turned(0.9945))).toBeCloseTo(0.5, 9);
    expect(qualityOf(turned(0.99))).toBeCloseTo(0, 9);
    expect(qualityOf(turned(0.5))).toBe(0);
  });

  it("lets the worst vector count: an answer is not right because most of it is", () => {
    expect(
      qualityOf([
        [1, 0, 0],
        [1, 0, 0],
      ]),
    ).toBe(0);
  });

  it("takes neither the order of the inputs, another dimension, another length, zeros nor fewer vectors for an answer", () => {
    expect(qualityOf([...reference].reverse())).toBe(0);
    expect(
      qualityOf([
        [1, 0],
        [0, 0.6],
      ]),
    ).toBe(0);
    expect(
      qualityOf([
        [2, 0, 0],
        [0, 0.6, 0.8],
      ]),
    ).toBe(0);
    expect(
      qualityOf([
        [0, 0, 0],
        [0, 0.6, 0.8],
      ]),
    ).toBe(0);
    expect(
      qualityOf([
        [Number.NaN, 0, 0],
        [0, 0.6, 0.8],
      ]),
    ).toBe(0);
    expect(
      qualityOf([
        [-1, 0, 0],
        [0, 0.6, 0.8],
      ]),
    ).toBe(0);
    expect(qualityOf([[1, 0, 0]])).toBe(0);
    expect(qualityOf([[1, 0, 0], null])).toBe(0);
  });

  it("says what was wrong", () => {
    expect(judgeEmbeddings(reference, turned(0.5), check)).toEqual({
      kind: "judged",
      qualityFraction: 0,
      reasons: ["vector 0 has a cosine of 0.50000 with the reference's, below 0.999"],
      fault: "otherVector",
    });
  });

  it("names each fault by its code, which miners are told", () => {
    const faultOf = (answer: readonly (readonly number[] | null)[]) => {
      const verdict = judgeEmbeddings(reference, answer, check);
      return verdict.kind === "judged" ? verdict.fault : verdict.kind;
    };
    expect(faultOf(reference)).toBeUndefined();
    expect(faultOf([[1, 0, 0]])).toBe("vectorCount");
    expect(
      faultOf([
        [0, 0, 0],
        [0, 0.6, 0.8],
      ]),
    ).toBe("brokenVector");
    expect(
      faultOf([
        [1, 0],
        [0, 0.6],
      ]),
    ).toBe("brokenVector");
    expect(
      faultOf([
        [2, 0, 0],
        [0, 0.6, 0.8],
      ]),
    ).toBe("otherVector");
  });

  it("cannot tell by a check of another kind", () => {
    expect(judgeEmbeddings(reference, reference, { kind: "regenerate", maxPixelDifference: 0 }).kind).toBe("inconclusive");
    expect(judgeEmbeddings(reference, reference, { kind: "none" })).toEqual({ kind: "judged", qualityFraction: 1, reasons: [] });
  });
});
