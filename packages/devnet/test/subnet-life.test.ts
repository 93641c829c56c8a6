import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { ApiPromise } from "@polkadot/api";
import { createDevnet, type Devnet } from "../src/index.js";
import { connect, key, send } from "./api-client.js";

const netuid = 2;
const validator = "//Alice//validator";
const miners = ["//Bob//miner", "//Charlie//miner"] as const;

describe("a subnet from registration to incentives, through @polkadot/api", () => {
  let devnet: Devnet;
  let api: ApiPromise;

  beforeAll(async () => {
    devnet = await createDevnet({ production: "manual", subnets: [{ netuid, hyperparameters: { tempoBlocks: 10 } }] });
    api = await connect(devnet.url);
  });

  afterAll(async () => {
    await api.disconnect();
    await devnet.close();
  });

  it("registers hotkeys for a rising burn", async () => {
    const tx = api.tx["subtensorModule"];
    const before = (await api.query["subtensorModule"]?.["burn"]?.(netuid))?.toString();
    for (const [coldkey, hotkey] of [
      ["//Alice", validator],
      ["//Bob", miners[0]],
      ["//Charlie", miners[1]],
    ] as const) {
      const call = tx?.["burnedRegister"]?.(netuid, key(hotkey).address);
      if (call === undefined) throw new Error("burnedRegister is not declared");
      const outcome = await send(devnet, call, key(coldkey));
      expect(outcome.error).toBeNull();
      expect(outcome.events).toContain("subtensorModule.NeuronRegistered");
    }
    const after = (await api.query["subtensorModule"]?.["burn"]?.(netuid))?.toString();
    expect(Number(after)).toBeGreaterThan(Number(before) * 1.9);
  });
});
