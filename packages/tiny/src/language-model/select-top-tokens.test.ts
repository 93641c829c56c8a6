import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { selectTopTokens } from "./select-top-tokens.js";

describe("selectTopTokens", () => {
  it("is the head of a stable sort, the largest first", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 40 }), fc.nat(20), (logits, count) => {
        const sorted = logits.map((logit, id) => ({ logit, id })).sort((a, b) => b.logit - a.logit);
        expect(selectTopTokens(Float32Array.from(logits), count)).toEqual(sorted.slice(0, count).map(({ id }) => id));
      }),
    );
  });
});
