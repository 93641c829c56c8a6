import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { ApiPromise } from "@polkadot/api";
import { createDevnet, type Devnet } from "../src/index.js";
import { ask, call, connect, key, read, send } from "./api-client.js";

const netuid = 2;
const validator = key("//V");
const miner = key("//M1");
const pallet = "subtensorModule";

describe("a subnet from registration to incentives, through @polkadot/api", () => {
  let devnet: Devnet;
  let api: ApiPromise;

  beforeAll(async () => {
    // The client prints every refusal of the pool as an error of its own.
    jest.spyOn(console, "error").mockImplementation(() => undefined);
    const hyperparameters = { tempoBlocks: 10, weightsRateLimitBlocks: 4n, weightsVersionKey: 3n };
    devnet = await createDevnet({ production: "manual", subnets: [{ netuid, hyperparameters }] });
    api = await connect(devnet.url);
  });

  afterAll(async () => {
    await api.disconnect();
    await devnet.close();
    jest.restoreAllMocks();
  });

  const weights = (uids: readonly number[], values: readonly number[], version = 3) =>
    call(api, pallet, "setWeights", netuid, uids, values, version);

  it("registers hotkeys for a burn that rises with each", async () => {
    const before = Number(await read(api, pallet, "burn", netuid));
    for (const [coldkey, hotkey] of [
      ["//Alice", validator],
      ["//Bob", miner],
      ["//Charlie", key("//M2")],
    ] as const) {
      const outcome = await send(devnet, call(api, pallet, "burnedRegister", netuid, hotkey.address), key(coldkey));
      expect(outcome.error).toBeNull();
      expect(outcome.events).toContain("subtensorModule.NeuronRegistered");
    }
    const factor = Number(await read(api, pallet, "burn", netuid)) / before;
    expect(factor).toBeGreaterThan(1.98);
    expect(factor).toBeLessThan(1.26 ** 3);
  });

  it("refuses the same hotkey twice, another's hotkey, and a price over the limit", async () => {
    const again = await send(devnet, call(api, pallet, "burnedRegister", netuid, miner.address), key("//Bob"));
    expect(again.error).toBe("HotKeyAlreadyRegisteredInSubNet");
    const limited = await send(devnet, call(api, pallet, "registerLimit", netuid, key("//M3").address, 1), key("//Bob"));
    expect(limited.error).toBe("RegistrationPriceLimitExceeded");
    const unknown = await send(devnet, call(api, pallet, "burnedRegister", 77, key("//M3").address), key("//Bob"));
    expect(unknown.error).toBe("SubnetNotExists");
  });

  it("lets a hotkey without money serve, by the chain's rules for addresses", async () => {
    const serve = (ip: number, port = 8091) => call(api, pallet, "serveAxon", netuid, 1, ip, port, 4, 0, 0, 0);
    expect((await send(devnet, serve(0x7f00_0001), miner)).error).toMatch(/Custom error: 11$/);
    expect((await send(devnet, serve(0x7f00_0002, 0), miner)).error).toMatch(/Custom error: 13$/);
    expect((await send(devnet, serve(0x7f00_0002), key("//Nobody"))).error).toMatch(/Custom error: 10$/);
    expect((await send(devnet, serve(0x7f00_0002), miner)).error).toBeNull();
    expect((await send(devnet, serve(0x7f00_0002), miner)).error).toMatch(/Custom error: 12$/);
    expect(await read(api, pallet, "axons", netuid, miner.address)).toMatchObject({ ip: 0x7f00_0002, port: 8091 });
  });

  it("gives a permit for stake at the next epoch", async () => {
    expect((await send(devnet, weights([2, 3], [1, 2]), validator)).error).toBe("NeuronNoValidatorPermit");
    const stake = call(api, pallet, "addStake", validator.address, netuid, 100_000_000_000n);
    expect((await send(devnet, stake, key("//Alice"))).error).toBeNull();
    devnet.produceBlocks(11);
    expect(await read(api, pallet, "validatorPermit", netuid)).toMatchObject([true, true, false, false]);
  });

  it("checks weights in the chain's order", async () => {
    const errorOf = async (extrinsic: ReturnType<typeof weights>, pair = validator) => (await send(devnet, extrinsic, pair)).error;
    // Root has commit-reveal on by default, which comes first.
    expect(await errorOf(call(api, pallet, "setWeights", 0, [1], [1], 3))).toBe("CommitRevealEnabled");
    expect(await errorOf(weights([2, 3], [1], 0))).toBe("WeightVecNotEqualSize");
    expect(await errorOf(call(api, pallet, "setMechanismWeights", netuid, 1, [1], [1], 0))).toBe("MechanismDoesNotExist");
    expect(await errorOf(weights([0, 1, 2, 3, 4], [1, 1, 1, 1, 1], 0))).toBe("UidsLengthExceedUidsInSubNet");
    expect(await errorOf(weights([2, 3], [1, 2], 2), key("//Nobody"))).toBe("HotKeyNotRegisteredInSubNet");
    expect(await errorOf(weights([2, 2], [1, 2], 2))).toBe("IncorrectWeightVersionKey");
    expect(await errorOf(weights([2, 2], [1, 2]), miner)).toBe("NeuronNoValidatorPermit");
    expect(await errorOf(weights([2, 2], [1, 2]))).toBe("DuplicateUids");
    expect(await errorOf(weights([2, 9], [1, 2]))).toBe("UidVecContainInvalidOne");
  });

  it("lets a miner without permit weigh itself", async () => {
    expect((await send(devnet, weights([2], [7]), miner)).error).toBeNull();
  });

  it("stores weights with the largest at 65535, and refuses the next too soon", async () => {
    expect((await send(devnet, weights([2, 3], [1, 2], 10), validator)).error).toBeNull();
    expect(await read(api, pallet, "weights", netuid, 1)).toEqual([
      [2, 32_768],
      [3, 65_535],
    ]);
    expect((await send(devnet, weights([2, 3], [1, 2]), validator)).error).toMatch(/Custom error: 6$/);
  });

  it("pays miners in proportion at the epoch", async () => {
    devnet.produceBlocks(20);
    const metagraph = (await ask(api, "subnetInfoRuntimeApi", "getMetagraph", netuid)).toJSON();
    expect(metagraph).toMatchObject({ numUids: 4, incentives: [0, 0, 21_845, 43_689], dividends: [0, 65_535, 0, 0] });
    const stakes = (metagraph as unknown as { readonly alphaStake: readonly number[] }).alphaStake;
    expect((stakes[3] ?? 0) / (stakes[2] ?? 1)).toBeCloseTo(2, 2);
  });

  it("keeps commitments", async () => {
    const info = { fields: [{ Raw5: "0x68656c6c6f" }] };
    expect((await send(devnet, call(api, "commitments", "setCommitment", netuid, info), validator)).error).toBeNull();
    expect(await read(api, "commitments", "commitmentOf", netuid, validator.address)).toMatchObject({
      info: { fields: [{ raw5: "0x68656c6c6f" }] },
    });
    expect((await send(devnet, call(api, "commitments", "setCommitment", netuid, info), key("//Nobody"))).error).toBe(
      "AccountNotAllowedCommit",
    );
  });
});
