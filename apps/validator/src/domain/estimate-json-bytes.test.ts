import { describe, expect, it } from "@jest/globals";
import { estimateJsonBytes } from "./estimate-json-bytes.js";

describe("estimateJsonBytes", () => {
  it("is close to what JSON takes", () => {
    const value = { text: "hé", tokens: [{ bytes: [104, 195, 169], text: "hé", logprob: -0.25 }, null, true], n: 12.5 };
    const exact = Buffer.byteLength(JSON.stringify(value));
    expect(estimateJsonBytes(value, 1_000)).toBeGreaterThanOrEqual(exact);
    expect(estimateJsonBytes(value, 1_000)).toBeLessThan(exact * 1.3);
  });

  it("stops above its limit, whatever the size and depth", () => {
    const fields = new Array<unknown>(50_000_000);
    expect(estimateJsonBytes(fields, 1_000)).toBeGreaterThan(1_000);
    expect(estimateJsonBytes("x".repeat(10_000_000), 1_000)).toBeGreaterThan(1_000);
    let deep: unknown = 0;
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    expect(estimateJsonBytes(deep, 1_000_000)).toBeGreaterThan(100_000);
  });
});
