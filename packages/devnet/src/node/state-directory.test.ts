import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createDevnet } from "../create-devnet.js";

describe("a chain on disk", () => {
  let stateDirectory: string;
  beforeEach(() => {
    stateDirectory = mkdtempSync(join(tmpdir(), "devnet-"));
  });
  afterEach(() => rmSync(stateDirectory, { recursive: true }));

  it("goes on from the block it stopped at, with the same storage and genesis", async () => {
    const first = await createDevnet({ production: "manual", stateDirectory });
    first.produceBlocks(5);
    first.node.setStorage(new Map([["cd".repeat(32), Uint8Array.of(1, 2)]]));
    first.produceBlocks(2);
    const { head, genesisHash } = first.chain;
    await first.close();

    const second = await createDevnet({ production: "manual", stateDirectory });
    expect(second.chain.head.hash).toBe(head.hash);
    expect(second.chain.genesisHash).toBe(genesisHash);
    expect(second.chain.hashAt(3)).toBe(first.chain.hashAt(3));
    expect(new Map(second.chain.exportState())).toEqual(new Map(first.chain.exportState()));
    expect(second.produceBlock().header).toMatchObject({ number: 8, parent_hash: head.hash });
    await second.close();
  });

  it("goes on from the block before one that was not written to the end", async () => {
    const first = await createDevnet({ production: "manual", stateDirectory });
    first.produceBlocks(3);
    const { hash } = first.chain.head;
    await first.close();
    appendFileSync(join(stateDirectory, "journal.jsonl"), '{"header":"00');
    const second = await createDevnet({ production: "manual", stateDirectory });
    expect(second.chain.head.hash).toBe(hash);
    await second.close();
  });

  it("keeps the fork that won after a reorganisation", async () => {
    const first = await createDevnet({ production: "manual", stateDirectory });
    first.produceBlocks(4);
    first.node.reorganise(2);
    const { hash } = first.chain.head;
    await first.close();
    const second = await createDevnet({ production: "manual", stateDirectory });
    expect(second.chain.head.hash).toBe(hash);
    await second.close();
  });

  it("refuses damaged files instead of starting over", async () => {
    writeFileSync(join(stateDirectory, "snapshot.json"), "{}");
    await expect(createDevnet({ production: "manual", stateDirectory })).rejects.toMatchObject({ code: "DEVNET_INVALID_STATE" });
  });
});
