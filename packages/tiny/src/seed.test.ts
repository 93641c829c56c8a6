import { describe, expect, it } from "@jest/globals";
import { foldSeed } from "./seed.js";

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
