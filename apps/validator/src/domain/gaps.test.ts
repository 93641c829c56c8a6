import { describe, expect, it } from "@jest/globals";
import { createSeededRandom } from "@vision/scoring/probing";
import { addGaps, noGaps } from "./gap-histogram.js";
import { createBurstyGaps, evenGaps, type Gaps } from "./gaps.js";

const COUNT = 40_000;
const bursts = Array.from({ length: 400 }, (_, index) => Math.floor(index / 5) * 60_000 + (index % 5) * 100);

function drawAll(gaps: Gaps) {
  const random = createSeededRandom("gaps", []);
  const drawn = Array.from({ length: COUNT }, () => gaps.draw(random));
  const mean = drawn.reduce((sum, gap) => sum + gap, 0) / COUNT;
  const deviation = Math.sqrt(drawn.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / COUNT);
  const isShort = drawn.map((gap) => gap < 0.1);
  const shortAfterShort = isShort.filter((own, index) => own && isShort[index - 1] === true).length / isShort.filter(Boolean).length;
  return { mean, variation: deviation / mean, shortAfterShort };
}

describe("gaps", () => {
  it("are one on average, however they are drawn: a plan of them takes as long as an even one", () => {
    for (const gaps of [evenGaps, createBurstyGaps(noGaps), createBurstyGaps(addGaps(noGaps, bursts))]) {
      expect(Math.abs(drawAll(gaps).mean - 1)).toBeLessThan(0.03);
    }
  });

  it("vary by more than their mean where nobody is known, and even ones by far less", () => {
    expect(drawAll(evenGaps).variation).toBeLessThan(0.5);
    expect(drawAll(createBurstyGaps(noGaps)).variation).toBeGreaterThan(1.3);
  });

  it("come in bursts where users do: a short gap after a short one", () => {
    expect(drawAll(createBurstyGaps(noGaps)).shortAfterShort).toBeLessThan(0.35);
    expect(drawAll(createBurstyGaps(addGaps(noGaps, bursts))).shortAfterShort).toBeGreaterThan(0.5);
  });
});
