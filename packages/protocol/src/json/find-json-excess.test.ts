import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { findJsonExcess, isJsonTooDeep } from "./find-json-excess.js";

const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

describe("isJsonTooDeep", () => {
  it("counts arrays and objects, and nothing inside strings", () => {
    expect(isJsonTooDeep("[[[]]]", 3)).toBe(false);
    expect(isJsonTooDeep("[[[]]]", 2)).toBe(true);
    expect(isJsonTooDeep('{"a":[{"b":1}]}', 2)).toBe(true);
    expect(isJsonTooDeep('["[[[[\\"[[", "\\\\", "]"]', 1)).toBe(false);
    expect(isJsonTooDeep("[],[],[]", 1)).toBe(false);
  });

  it("agrees with the depth of what is parsed", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const depth = depthOf(JSON.parse(text));
        expect(isJsonTooDeep(text, depth)).toBe(false);
        if (depth > 0) expect(isJsonTooDeep(text, depth - 1)).toBe(true);
      }),
    );
  });

  it("says so of 5000 levels, at which JSON.stringify may throw", () => {
    expect(isJsonTooDeep("[".repeat(5000) + "]".repeat(5000))).toBe(true);
  });
});

describe("pieces", () => {
  it("are values, and names of fields where those are counted", () => {
    const text = '{"a":[1,2],"b":{}}';
    const names = { areNamesCounted: true };
    const noNames = { areNamesCounted: false };
    expect(findJsonExcess(text, { ...names, values: 8 })).toBe(null);
    expect(findJsonExcess(text, { ...names, values: 7 })).toBe("values");
    expect(findJsonExcess(text, { ...noNames, values: 6 })).toBe(null);
    expect(findJsonExcess(text, { ...noNames, values: 5 })).toBe("values");
  });
});
