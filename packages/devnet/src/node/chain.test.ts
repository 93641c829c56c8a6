import { describe, expect, it } from "@jest/globals";
import { createDevnet } from "../create-devnet.js";

describe("Chain", () => {
  it("a chain's memory grew with every block by all that it had changed: that is told once, and kept only as history that can be read", async () => {
    const devnet = await createDevnet({ production: "manual", historyBlocks: 4 });
    const made = devnet.node.produceBlock();
    expect(devnet.chain.head.hash).toBe(made.hash);
    const told: number[] = [];
    devnet.node.listen((event) => {
      if (event.kind === "block") told.push(event.block.changes.size);
    });
    devnet.produceBlocks(40);
    expect(told).toHaveLength(40);
    expect(Math.min(...told)).toBeGreaterThan(0);
    const kept = Array.from({ length: 42 }, (_, number) => Object.keys(devnet.chain.blockAt(number) ?? {}).sort());
    expect(kept).toEqual(kept.map(() => ["extrinsics", "hash", "header"]));
    await devnet.close();
  });
});
