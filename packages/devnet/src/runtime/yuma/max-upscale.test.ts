import { describe, expect, it } from "@jest/globals";
import { maxUpscale } from "./max-upscale.js";

describe("maxUpscale", () => {
  it.each([
    [
      [1, 2],
      [32_768, 65_535],
    ], // seen on a running chain, spec 293
    [[100], [65_535]], // seen on a running chain, spec 293
    [
      [0, 0],
      [0, 0],
    ],
    [[], []],
    [
      [65_535, 1],
      [65_535, 1],
    ],
    [
      [1, 3],
      [21_845, 65_535],
    ],
    [
      [40_000, 20_000],
      [65_535, 32_767],
    ], // a half that the truncated factor brings just below
    [
      [100, 300, 299],
      [21_845, 65_535, 65_317],
    ],
  ])("scales %j to %j", (weights, expected) => {
    expect(maxUpscale(weights)).toEqual(expected);
  });

  it("keeps the order of weights", () => {
    const weights = [3, 500, 7, 65_000, 42, 42];
    const scaled = maxUpscale(weights);
    const byWeight = weights.map((_, index) => index).sort((left, right) => (weights[left] ?? 0) - (weights[right] ?? 0));
    const ordered = byWeight.map((index) => scaled[index] ?? 0);
    expect(ordered).toEqual([...ordered].sort((left, right) => left - right));
  });
});
