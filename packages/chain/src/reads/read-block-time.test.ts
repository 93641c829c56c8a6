import { describe, expect, it } from "@jest/globals";
import { paceOf } from "./read-block-time.js";

/** Blocks 16 apart, 12 s each, with this many slots missed in each stretch. */
function samples(missedSlots: readonly number[]) {
  const all = [{ number: 100, seconds: 1_000 }];
  for (const missed of missedSlots) {
    const last = all.at(-1) ?? { number: 0, seconds: 0 };
    all.push({ number: last.number + 16, seconds: last.seconds + (16 + missed) * 12 });
  }
  return all;
}

describe("paceOf", () => {
  it("is not moved by one missed slot: 360 blocks later the reveal was nine minutes late", () => {
    expect(paceOf(samples([0, 0, 0, 0, 0, 0, 0, 1]))).toBe(12);
    expect(paceOf(samples([5, 0, 0, 0, 0, 0, 0, 0]))).toBe(12);
  });

  it("sees a chain that misses slots all along", () => {
    expect(paceOf(samples([1, 1, 2, 1, 1, 1, 2, 1]))).toBeCloseTo((12 * 17) / 16);
  });

  it("takes a normal chain's pace where there is too little to measure", () => {
    expect(paceOf([])).toBe(12);
    expect(paceOf(samples([0]))).toBe(12);
    expect(paceOf(samples([0, 0, 0]))).toBe(12);
  });
});
