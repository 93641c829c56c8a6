import { describe, expect, it } from "@jest/globals";
import { judgeNode } from "./judge-node.js";

const known = { genesisHash: "0xg", firstBlockHash: "0x1", newestNumber: 1_000 };
const node = { genesisHash: "0xg", firstBlockHash: "0x1", headNumber: 1_000, isKnownEndpoint: true };

describe("judgeNode", () => {
  it("takes the first node as it is", () => {
    expect(judgeNode({ ...node, headNumber: 5 }, null)).toEqual({ kind: "same" });
  });

  it("bears a head that is a few blocks behind, and refuses one that is far behind", () => {
    expect(judgeNode({ ...node, headNumber: 990 }, known)).toEqual({ kind: "same" });
    expect(judgeNode({ ...node, headNumber: 989 }, known)).toMatchObject({ kind: "refused", reason: expect.stringContaining("behind") });
  });

  it("takes a syncing node at its genesis for one that is behind, not for a new chain", () => {
    expect(judgeNode({ ...node, firstBlockHash: null, headNumber: 0 }, known)).toMatchObject({ kind: "refused" });
  });

  it("knows a chain that was started anew by its genesis or by its first block, at an endpoint that it knows", () => {
    expect(judgeNode({ ...node, firstBlockHash: "0x2", headNumber: 3 }, known)).toEqual({ kind: "anew" });
    expect(judgeNode({ ...node, firstBlockHash: "0x2", headNumber: 2_000 }, known)).toEqual({ kind: "anew" });
    expect(judgeNode({ ...node, genesisHash: "0xother", headNumber: 0 }, known)).toEqual({ kind: "anew" });
  });

  it("refuses an endpoint of another chain that it was never connected to", () => {
    for (const other of [{ genesisHash: "0xother" }, { firstBlockHash: "0x2" }]) {
      expect(judgeNode({ ...node, ...other, isKnownEndpoint: false }, known)).toMatchObject({ kind: "refused" });
    }
  });

  it("does not hold a newest block against nodes that was seen too long ago", () => {
    expect(judgeNode({ ...node, headNumber: 5 }, { ...known, newestNumber: null })).toEqual({ kind: "same" });
  });
});
