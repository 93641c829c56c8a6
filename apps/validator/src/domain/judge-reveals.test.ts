import { describe, expect, it } from "@jest/globals";
import { type CommittedWeights, isRevealDue, judgeReveals } from "./judge-reveals.js";

const aCommit = (epochBlock: number, uid: number): CommittedWeights => ({
  epochBlock,
  includedAtBlock: epochBlock - 5,
  revealBlock: epochBlock + 3,
  weights: [{ uid, weightU16: 65_535 }],
});
const [first, second, third] = [aCommit(100, 1), aCommit(200, 2), aCommit(300, 3)];
const judge = (blockNumber: number, held: CommittedWeights, commits = [third, first, second]) =>
  judgeReveals(
    commits.filter(({ includedAtBlock }) => commits.length === 1 || includedAtBlock <= blockNumber),
    { blockNumber, held: held.weights },
  ).map(({ commit, outcome }) => [commit.epochBlock, outcome]);

describe("judgeReveals", () => {
  it("sees a commit revealed and leaves the later ones open", () => {
    expect(judge(103, first)).toEqual([[100, "revealed"]]);
  });

  it("finds a commit lost where older weights are held", () => {
    expect(judge(113, aCommit(0, 9))).toEqual([[100, "lost"]]);
  });

  it("called a commit lost that nobody looked at before the next one was revealed: that is unknown", () => {
    expect(judge(240, second)).toEqual([
      [100, "unknown"],
      [200, "revealed"],
    ]);
    expect(judge(240, first)).toEqual([
      [100, "revealed"],
      [200, "lost"],
    ]);
  });

  it("does not wait for the blocks of a chain that was started anew, and bears with a node that lags", () => {
    expect(judge(20, first, [first])).toEqual([[100, "unknown"]]);
    expect(isRevealDue(first, 20)).toBe(true);
    expect(judge(90, first, [first])).toEqual([]);
    expect(isRevealDue(first, 90)).toBe(false);
    expect(isRevealDue(first, 103)).toBe(true);
  });
});
