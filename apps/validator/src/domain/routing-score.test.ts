import { describe, expect, it } from "@jest/globals";
import { emptyRoutingRecord, routingScore, withOutcome, withSample } from "./routing-score.js";

describe("routingScore", () => {
  it("newcomers never got a user's request: they are expected to be middling, and none once they fail", () => {
    const good = routingScore(withSample(emptyRoutingRecord, 1));
    expect(routingScore(emptyRoutingRecord)).toBeGreaterThan(0);
    expect(routingScore(emptyRoutingRecord)).toBeLessThan(good);
    expect(routingScore(withOutcome(emptyRoutingRecord, false))).toBe(0);
    expect(routingScore(withSample(emptyRoutingRecord, 0))).toBe(0);
  });

  it("is quality times the share answered once an answer was checked", () => {
    const known = withOutcome(withSample(emptyRoutingRecord, 1.2), true);
    expect(routingScore(known)).toBeCloseTo(1.2, 12);
  });

  it("falls quickly when a miner stops answering and rises again when it recovers", () => {
    let record = withOutcome(withSample(emptyRoutingRecord, 1), true);
    for (let miss = 0; miss < 4; miss += 1) record = withOutcome(record, false);
    expect(routingScore(record)).toBeLessThan(0.5);
    const low = routingScore(record);
    for (let hit = 0; hit < 10; hit += 1) record = withOutcome(record, true);
    expect(routingScore(record)).toBeGreaterThan(low + 0.3);
  });
});
