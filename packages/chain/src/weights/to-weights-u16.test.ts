import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import { readFixture } from "../../test/fixtures/read-fixture.js";
import { MAX_WEIGHT_U16, toWeightsU16 } from "./to-weights-u16.js";

const pair = z.tuple([z.number(), z.number()]);
const fixture = readFixture(
  "weights",
  z.object({ cases: z.array(z.object({ name: z.string(), input: z.array(pair), expected: z.array(pair) })) }),
);

describe("toWeightsU16", () => {
  it.each(fixture.cases)("gives what the Python SDK gives: $name", ({ input, expected }) => {
    expect(toWeightsU16(new Map(input)).map(({ uid, weightU16 }) => [uid, weightU16])).toEqual(expected);
  });

  it("rounds an exact tie to the even neighbour", () => {
    const weights = toWeightsU16(
      new Map([
        [0, 65535],
        [1, 2.5],
        [2, 3.5],
      ]),
    );
    expect(weights.slice(1)).toEqual([
      { uid: 1, weightU16: 2 },
      { uid: 2, weightU16: 4 },
    ]);
  });

  it.each([
    ["negative", new Map([[0, -0.1]])],
    ["not finite", new Map([[0, Number.NaN]])],
    ["too large for a float32", new Map([[0, 1e39]])],
    ["an impossible uid", new Map([[65_536, 1]])],
  ])("refuses a weight that is %s", (_name, fractions) => {
    expect(() => toWeightsU16(fractions)).toThrow(expect.objectContaining({ code: "CHAIN_INVALID_WEIGHTS" }));
  });

  it("always has a largest weight of 65535, no zeros, and uids in order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(255), fc.double({ min: 0.001, max: 1e6, noNaN: true })), { minLength: 1 }), (pairs) => {
        const weights = toWeightsU16(new Map(pairs));
        expect(Math.max(...weights.map((weight) => weight.weightU16))).toBe(MAX_WEIGHT_U16);
        expect(weights.every((weight) => weight.weightU16 > 0)).toBe(true);
        expect(weights.map((weight) => weight.uid)).toEqual([...weights.map((weight) => weight.uid)].sort((a, b) => a - b));
      }),
    );
  });
});
