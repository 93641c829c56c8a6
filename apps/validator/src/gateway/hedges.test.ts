import { describe, expect, it } from "@jest/globals";
import { createHedges } from "./hedges.js";

describe("createHedges", () => {
  it("never gives more than its share of requests, and one to begin with", () => {
    const hedges = createHedges(0.05);
    let given = 0;
    for (let request = 1; request <= 1_000; request += 1) {
      hedges.earn();
      if (hedges.take()) given += 1;
      expect({ request, isWithin: given <= 1 + request * 0.05 }).toEqual({ request, isWithin: true });
    }
    expect(given).toBeGreaterThanOrEqual(50);
  });

  it("saves up ten at most", () => {
    const hedges = createHedges(0.05);
    for (let request = 0; request < 10_000; request += 1) hedges.earn();
    expect(Array.from({ length: 20 }, () => hedges.take()).filter(Boolean)).toHaveLength(10);
  });

  it("gives none where it is switched off", () => {
    const hedges = createHedges(0);
    hedges.earn();
    expect(hedges.take()).toBe(false);
  });
});
