import { describe, expect, it } from "@jest/globals";
import { defaultCheckParams, shouldCheck } from "./check-params.js";

const params = { ...defaultCheckParams, targetPerMinerTaskPeriod: 5, minFraction: 0.1, maxPendingPerTask: 10 };

describe("shouldCheck", () => {
  it("chooses all answers of a miner that is asked little, and a share of many: on average the target", () => {
    expect(shouldCheck({ expectedAnswers: 5, pendingOfTask: 0, pendingOfMiner: 0, draw: 0.999 }, params)).toBe(true);
    expect(shouldCheck({ expectedAnswers: 20, pendingOfTask: 0, pendingOfMiner: 0, draw: 0.249 }, params)).toBe(true);
    expect(shouldCheck({ expectedAnswers: 20, pendingOfTask: 0, pendingOfMiner: 0, draw: 0.251 }, params)).toBe(false);
  });

  it("never chooses fewer than the least share, so volume is no hiding place", () => {
    expect(shouldCheck({ expectedAnswers: 100_000, pendingOfTask: 0, pendingOfMiner: 0, draw: 0.099 }, params)).toBe(true);
  });

  it("one flooded miner filled the backlog and stopped the checks of all: each has its reserved share and none has more than a quarter", () => {
    const large = { ...params, maxPendingPerTask: 100 };
    const choose = (pendingOfTask: number, pendingOfMiner: number) =>
      shouldCheck({ expectedAnswers: 1, pendingOfTask, pendingOfMiner, draw: 0 }, large);
    expect(choose(24, 24)).toBe(true);
    expect(choose(25, 25)).toBe(false);
    expect(choose(25, 0)).toBe(true);
    expect(choose(100, 4)).toBe(true);
    expect(choose(100, 5)).toBe(false);
  });
});
