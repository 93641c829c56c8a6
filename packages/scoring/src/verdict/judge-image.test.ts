import { describe, expect, it } from "@jest/globals";
import type { TaskCheck } from "@vision/protocol";
import { judgeImage, type Pixels } from "./judge-image.js";

const exact: TaskCheck = { kind: "regenerate", maxPixelDifference: 0 };
const tolerant: TaskCheck = { kind: "regenerate", maxPixelDifference: 2 };
const reference: Pixels = { width: 16, height: 16, channels: 3, data: Uint8Array.from({ length: 768 }, (_, index) => index % 251) };

function changed(count: number, by: number): Pixels {
  return { ...reference, data: reference.data.map((value, index) => (index < count ? value + by : value)) };
}

function qualityOf(answer: Pixels | null, check: TaskCheck): number {
  const verdict = judgeImage(reference, answer, check);
  if (verdict.kind !== "judged") throw new Error(verdict.reason);
  return verdict.qualityFraction;
}

describe("judgeImage", () => {
  it("W-02: gives 1 to the picture itself and 0 to any other, by its bytes alone", () => {
    expect(qualityOf(changed(0, 0), exact)).toBe(1);
    expect(qualityOf(changed(1, 1), exact)).toBe(0);
  });

  it("allows the task's tolerance, and falls gradually for a few values past it", () => {
    expect(qualityOf(changed(768, 2), tolerant)).toBe(1);
    expect(qualityOf(changed(3, 3), tolerant)).toBe(0.5);
    expect(qualityOf(changed(3, 5), tolerant)).toBe(0);
    expect(qualityOf(changed(300, 3), tolerant)).toBe(0);
  });

  it("gives 0 to what cannot be decoded or has another size", () => {
    expect(qualityOf(null, exact)).toBe(0);
    expect(qualityOf({ ...reference, width: 8 }, exact)).toBe(0);
    expect(qualityOf({ ...reference, channels: 4 }, exact)).toBe(0);
    expect(qualityOf({ ...reference, data: reference.data.slice(3) }, exact)).toBe(0);
  });

  it("is inconclusive if the reference is damaged or cannot judge images", () => {
    expect(judgeImage({ ...reference, data: new Uint8Array(3) }, reference, exact).kind).toBe("inconclusive");
    expect(
      judgeImage(reference, reference, {
        ...exact,
        kind: "teacher-forcing",
        samplers: ["unknown"],
        marginNats: 1,
        maxLogprobDifference: 1,
      }).kind,
    ).toBe("inconclusive");
    expect(judgeImage(reference, null, { kind: "none" })).toMatchObject({ qualityFraction: 1 });
  });
});
