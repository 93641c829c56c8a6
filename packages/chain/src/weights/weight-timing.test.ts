import { describe, expect, it } from "@jest/globals";
import { planWeightFallback, planWeightTiming } from "./weight-timing.js";

const input = { blockNumber: 1000, nextEpochBlock: 1360, tempoBlocks: 360, lastUpdateBlock: 900, weightsRateLimitBlocks: 100 };

describe("planWeightTiming", () => {
  it("waits until shortly before the epoch", () => {
    expect(planWeightTiming(input)).toEqual({ kind: "wait", untilBlock: 1350, reason: "epoch-far" });
    expect(planWeightTiming({ ...input, blockNumber: 1350 })).toEqual({ kind: "now" });
    expect(planWeightTiming({ ...input, blockNumber: 1358 })).toEqual({ kind: "now" });
  });

  it("does not send when the extrinsic would land in the epoch's own block", () => {
    expect(planWeightTiming({ ...input, blockNumber: 1359 })).toEqual({ kind: "wait", untilBlock: 1360, reason: "epoch-starting" });
  });

  it("waits for the rate limit when it ends inside the window or after the epoch", () => {
    expect(planWeightTiming({ ...input, blockNumber: 1350, lastUpdateBlock: 1256 })).toEqual({
      kind: "wait",
      untilBlock: 1355,
      reason: "rate-limit",
    });
    expect(planWeightTiming({ ...input, blockNumber: 1300, lastUpdateBlock: 1290 })).toEqual({
      kind: "wait",
      untilBlock: 1389,
      reason: "rate-limit",
    });
  });

  it("sends in the first block that the chain accepts: block minus last update equal to the limit", () => {
    expect(planWeightTiming({ ...input, blockNumber: 1355, lastUpdateBlock: 1256 })).toEqual({ kind: "now" });
  });

  it("has no rate limit before the first weights", () => {
    expect(planWeightTiming({ ...input, blockNumber: 1351, lastUpdateBlock: 0, weightsRateLimitBlocks: 5000 })).toEqual({ kind: "now" });
  });

  it("uses half of a short tempo as its lead", () => {
    expect(planWeightTiming({ ...input, tempoBlocks: 10, nextEpochBlock: 1010, blockNumber: 1002, lastUpdateBlock: 0 })).toEqual({
      kind: "wait",
      untilBlock: 1005,
      reason: "epoch-far",
    });
  });
});

describe("planWeightFallback", () => {
  const fallback = { blockNumber: 5000, lastUpdateBlock: 4000, maxSilenceBlocks: 1000, hasFreshWeights: false, hasLastGoodWeights: true };

  it("sets fresh weights when there are any", () => {
    expect(planWeightFallback({ ...fallback, hasFreshWeights: true })).toBe("fresh");
  });

  it("sets the last good ones only after the allowed silence", () => {
    expect(planWeightFallback(fallback)).toBe("last-good");
    expect(planWeightFallback({ ...fallback, blockNumber: 4999 })).toBe("none");
    expect(planWeightFallback({ ...fallback, hasLastGoodWeights: false })).toBe("none");
  });
});
