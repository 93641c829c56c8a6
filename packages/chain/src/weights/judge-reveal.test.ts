import { describe, expect, it } from "@jest/globals";
import { judgeReveal, REVEAL_GRACE_BLOCKS } from "./judge-reveal.js";

const committed = [{ uid: 1, weightU16: 65_535 }];
const others = [{ uid: 2, weightU16: 65_535 }];
const sight = { revealBlock: 100, committed };

describe("judgeReveal", () => {
  it("waits until the reveal's block, even where the same weights are held from before", () => {
    expect(judgeReveal({ ...sight, blockNumber: 90, held: committed })).toBe("pending");
  });

  it("sees the weights appear", () => {
    expect(judgeReveal({ ...sight, blockNumber: 97, held: committed })).toBe("revealed");
    expect(judgeReveal({ ...sight, blockNumber: 500, held: committed })).toBe("revealed");
  });

  it("notices a reveal that was lost, after some patience for a late pulse", () => {
    expect(judgeReveal({ ...sight, blockNumber: 100 + REVEAL_GRACE_BLOCKS - 1, held: others })).toBe("pending");
    expect(judgeReveal({ ...sight, blockNumber: 100 + REVEAL_GRACE_BLOCKS, held: others })).toBe("lost");
  });
});
