import { describe, expect, it } from "@jest/globals";
import { checkWorkersOf, decideCheck, defaultCheckParams } from "./check-params.js";

const params = { ...defaultCheckParams, targetPerMinerTaskPeriod: 5, minFraction: 0.1, maxPendingPerTask: 10 };

describe("checkWorkersOf", () => {
  it("leaves a core to the loop that times miners, and is one at least", () => {
    expect([1, 2, 4, 64].map(checkWorkersOf)).toEqual([1, 1, 3, 8]);
  });
});

describe("decideCheck", () => {
  it("chooses all answers of a miner that is asked little, and a share of many: on average the target", () => {
    expect(decideCheck({ isBigDraw: false, expectedAnswers: 5, pendingOfTask: 0, pendingOfMiner: 0, draw: 0.999 }, params)).toBe("check");
    expect(decideCheck({ isBigDraw: false, expectedAnswers: 20, pendingOfTask: 0, pendingOfMiner: 0, draw: 0.249 }, params)).toBe("check");
    expect(decideCheck({ isBigDraw: false, expectedAnswers: 20, pendingOfTask: 0, pendingOfMiner: 0, draw: 0.251 }, params)).toBe(
      "notChosen",
    );
  });

  it("never chooses fewer than the least share, so volume is no hiding place", () => {
    expect(decideCheck({ isBigDraw: false, expectedAnswers: 100_000, pendingOfTask: 0, pendingOfMiner: 0, draw: 0.099 }, params)).toBe(
      "check",
    );
  });

  it("one flooded miner filled the backlog and stopped the checks of all: each has its reserved share and none has more than a quarter", () => {
    const large = { ...params, maxPendingPerTask: 100 };
    const choose = (pendingOfTask: number, pendingOfMiner: number) =>
      decideCheck({ isBigDraw: false, expectedAnswers: 1, pendingOfTask, pendingOfMiner, draw: 0 }, large);
    expect(choose(24, 24)).toBe("check");
    expect(choose(25, 25)).toBe("noRoom");
    expect(choose(25, 0)).toBe("check");
    expect(choose(100, 4)).toBe("check");
    expect(choose(100, 5)).toBe("noRoom");
  });
});
