import { describe, expect, it } from "@jest/globals";
import { judgeLeftWeights } from "./judge-left-weights.js";

const left = { epochBlock: 721, tempoBlocks: 360, blockNumber: 715, lastUpdateBlock: 350 };

describe("judgeLeftWeights", () => {
  it("finds them by an update in their epoch, also when that is over", () => {
    for (const lastUpdateBlock of [360, 712, 720]) expect(judgeLeftWeights({ ...left, lastUpdateBlock })).toBe("set");
    expect(judgeLeftWeights({ ...left, blockNumber: 1_000, lastUpdateBlock: 712 })).toBe("set");
  });

  it("waits as long as they may come in, and gives them up then", () => {
    expect(judgeLeftWeights(left)).toBe("open");
    expect(judgeLeftWeights({ ...left, blockNumber: 724 })).toBe("open");
    expect(judgeLeftWeights({ ...left, blockNumber: 725 })).toBe("failed");
    expect(judgeLeftWeights({ ...left, blockNumber: 1_000, lastUpdateBlock: 900 })).toBe("failed");
  });
});
