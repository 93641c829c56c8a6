import { describe, expect, it } from "@jest/globals";
import { foldSeed, splitSeed } from "./seed.js";

describe("foldSeed", () => {
  it("keeps 32-bit seeds as they are", () => {
    expect([0, 1, 2 ** 31 - 1, 2 ** 32 - 1].map(foldSeed)).toEqual([0, 1, 2 ** 31 - 1, -1]);
  });

  it("tells apart seeds that differ only in the high half", () => {
    expect(new Set([7, 7 + 2 ** 32, 7 + 2 ** 33, 7 - 2 ** 32].map(foldSeed)).size).toBe(4);
  });

  it.each([0.5, Number.NaN, 2 ** 53])("refuses %p", (seed) => {
    expect(() => foldSeed(seed)).toThrow(expect.objectContaining({ code: "TINY_INVALID_INPUT" }));
  });
});

describe("splitSeed", () => {
  it("gives both halves of a 64-bit whole number, negative ones in two's complement", () => {
    expect([0, 2 ** 31 - 1, 2 ** 32 + 5, -1].map(splitSeed)).toEqual([
      { low: 0, high: 0 },
      { low: 2 ** 31 - 1, high: 0 },
      { low: 5, high: 1 },
      { low: -1, high: -1 },
    ]);
  });

  it.each([0.5, Number.NaN, 2 ** 53])("refuses %p", (seed) => {
    expect(() => splitSeed(seed)).toThrow(expect.objectContaining({ code: "TINY_INVALID_INPUT" }));
  });
});
