import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { ApiPromise } from "@polkadot/api";
import { createDevnet, type Devnet } from "../src/index.js";
import { ask, call, connect, key, read, send } from "./api-client.js";

const netuid = 2;
const staker = key("//Alice");
const hotkey = key("//V");
const amountRao = 5_000_000_000_000n;

describe("prices, simulated swaps and the states of subnets, through @polkadot/api", () => {
  let devnet: Devnet;
  let api: ApiPromise;

  beforeAll(async () => {
    const neurons = [{ hotkey: "//V", coldkey: "//Alice", stakeRao: 7_000_000_000n, hasPermit: true }];
    devnet = await createDevnet({ production: "manual", subnets: [{ netuid, neurons }] });
    api = await connect(devnet.url);
  });

  afterAll(async () => {
    await api.disconnect();
    await devnet.close();
  });

  const stakeRao = async () => BigInt((await read(api, "subtensorModule", "totalHotkeyAlpha", hotkey.address, netuid)) as string);
  const simulate = async (method: string, rao: bigint) =>
    (await ask(api, "swapRuntimeApi", method, netuid, rao)).toJSON() as Record<string, number>;

  it("prices alpha at the ratio of the reserves, and root at one TAO", async () => {
    const [tao, alpha] = await Promise.all(
      ["subnetTAO", "subnetAlphaIn"].map(async (name) => Number(await read(api, "subtensorModule", name, netuid))),
    );
    expect((await ask(api, "swapRuntimeApi", "currentAlphaPrice", netuid)).toJSON()).toBe(
      Math.floor(((tao ?? Number.NaN) / (alpha ?? Number.NaN)) * 1e9),
    );
    expect((await ask(api, "swapRuntimeApi", "currentAlphaPriceAll")).toJSON()).toContainEqual({ netuid: 0, price: 1_000_000_000 });
  });

  it("simulates exactly what staking then gives", async () => {
    const expected = await simulate("simSwapTaoForAlpha", amountRao);
    const before = await stakeRao();
    const outcome = await send(devnet, call(api, "subtensorModule", "addStake", hotkey.address, netuid, amountRao), staker);
    expect(outcome.error).toBeNull();
    expect((await stakeRao()) - before).toBe(BigInt(expected["alphaAmount"] ?? -1));
    expect(BigInt(expected["taoAmount"] ?? -1) + BigInt(expected["taoFee"] ?? -1)).toBe(amountRao);
    expect(expected["alphaSlippage"]).toBeGreaterThan(0);
  });

  it("simulates selling with a fee in alpha", async () => {
    const sale = await simulate("simSwapAlphaForTao", 1_000_000_000n);
    expect(sale).toMatchObject({ taoFee: 0, alphaSlippage: 0, alphaFee: Math.floor((1_000_000_000 * 33) / 65_535) });
    expect(sale["taoAmount"]).toBeGreaterThan(0);
  });

  it("gives a subnet's state and info the way the metagraph has them", async () => {
    const metagraph = (await ask(api, "subnetInfoRuntimeApi", "getMetagraph", netuid)).toJSON() as Record<string, unknown>;
    const state = (await ask(api, "subnetInfoRuntimeApi", "getSubnetState", netuid)).toJSON() as Record<string, unknown>;
    const info = (await ask(api, "subnetInfoRuntimeApi", "getDynamicInfo", netuid)).toJSON() as Record<string, unknown>;
    for (const name of ["hotkeys", "coldkeys", "validatorPermit", "totalStake", "blockAtRegistration"]) {
      expect({ [name]: state[name] }).toEqual({ [name]: metagraph[name] });
    }
    for (const name of ["ownerHotkey", "tempo", "alphaIn", "taoIn", "networkRegisteredAt"]) {
      expect({ [name]: info[name] }).toEqual({ [name]: metagraph[name] });
    }
    const selective = (await ask(api, "subnetInfoRuntimeApi", "getSelectiveMechagraph", netuid, 0, [52])).toJSON();
    expect(selective).toMatchObject({ hotkeys: metagraph["hotkeys"], coldkeys: null });
    for (const [method, args] of [
      ["getSubnetState", [77]],
      ["getDynamicInfo", [77]],
      ["getSelectiveMechagraph", [netuid, 9, [52]]],
    ] as const) {
      expect({ method, answer: (await ask(api, "subnetInfoRuntimeApi", method, ...args)).toJSON() }).toEqual({ method, answer: null });
    }
  });
});
