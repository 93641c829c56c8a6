import { describe, expect, it } from "@jest/globals";
import { createSeededRandom } from "@vision/scoring/probing";
import { addGaps, noGaps, SHORT_GAP, sharesOf, startOfBin } from "./gap-histogram.js";

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
const shortOf = (shares: readonly number[]) => total(shares.filter((_, bin) => startOfBin(bin) < SHORT_GAP));
/** Bursts of five, a tenth of a second apart, with a minute between them. */
const bursts = Array.from({ length: 50 }, (_, index) => Math.floor(index / 5) * 60_000 + (index % 5) * 100);

describe("addGaps", () => {
  it("counts gaps by the mean of their own series, apart by what came before", () => {
    const { afterLong, afterShort } = addGaps(noGaps, bursts);
    expect(total(afterLong) + total(afterShort)).toBe(49);
    // Each burst is begun after a short gap, but for the first; three of four gaps inside one follow a short one.
    expect(total(afterLong)).toBe(10);
    expect(shortOf(afterLong)).toBe(10);
    expect(shortOf(afterShort)).toBe(30);
    // The same users, ten times as slow, come alike.
    const slow = bursts.map((timeMs) => timeMs * 10);
    expect(addGaps(noGaps, slow)).toEqual({ afterLong, afterShort });
    expect(addGaps(noGaps, bursts.toReversed())).toEqual({ afterLong, afterShort });
  });

  it("learns nothing of a few requests, or of all at once", () => {
    expect(addGaps(noGaps, bursts.slice(0, 10))).toBe(noGaps);
    expect(addGaps(noGaps, Array(20).fill(1_000))).toBe(noGaps);
    expect(addGaps(noGaps, [])).toBe(noGaps);
  });

  it("forgets old gaps for new ones", () => {
    const random = createSeededRandom("gaps", []);
    const scattered = Array.from({ length: 5_001 }, () => random.next() * 3_600_000);
    let histogram = noGaps;
    for (let period = 0; period < 200; period += 1) histogram = addGaps(histogram, bursts);
    const before = shortOf(sharesOf(histogram).afterShort);
    for (let period = 0; period < 10; period += 1) histogram = addGaps(histogram, scattered);
    expect(total(histogram.afterLong) + total(histogram.afterShort)).toBeCloseTo(5_000, 6);
    expect(before).toBeGreaterThan(0.6);
    expect(shortOf(sharesOf(histogram).afterShort)).toBeLessThan(0.2);
  });
});

describe("sharesOf", () => {
  it("leaves no gap impossible, whatever users did", () => {
    for (const histogram of [noGaps, addGaps(noGaps, bursts)]) {
      const { afterLong, afterShort } = sharesOf(histogram);
      expect(total(afterLong)).toBeCloseTo(1, 12);
      expect(total(afterShort)).toBeCloseTo(1, 12);
      expect(Math.min(...afterLong, ...afterShort)).toBeGreaterThan(0);
    }
  });

  it("goes by users where there are many, and spreads what few of them tell to both sides", () => {
    let histogram = noGaps;
    for (let period = 0; period < 100; period += 1) histogram = addGaps(histogram, bursts);
    const { afterLong } = sharesOf(histogram);
    const most = afterLong.indexOf(Math.max(...afterLong));
    expect(afterLong[most]).toBeGreaterThan(0.4);
    expect((afterLong[most - 1] ?? 0) / (afterLong[most] ?? 1)).toBeCloseTo(0.5, 1);
  });
});
