import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { ApiPromise } from "@polkadot/api";
import { createDevnet, type Devnet, parseAccount } from "../src/index.js";
import { commitHash } from "../src/runtime/weight-commits.js";
import { encodeWith } from "../src/scale/codec.js";
import { bytes, tuple, vec } from "../src/scale/collections.js";
import { fromHex, toHex } from "../src/scale/hex.js";
import { u16, u64 } from "../src/scale/primitives.js";
import { call, connect, key, read, send } from "./api-client.js";
import { lockForRound } from "./lock-for-round.js";

const netuid = 2;
const validator = key("//V");
const pallet = "subtensorModule";

describe("hidden weights, through @polkadot/api", () => {
  let devnet: Devnet;
  let api: ApiPromise;

  beforeAll(async () => {
    jest.spyOn(console, "error").mockImplementation(() => undefined);
    devnet = await createDevnet({
      production: "manual",
      subnets: [
        {
          netuid,
          hyperparameters: { tempoBlocks: 10, weightsRateLimitBlocks: 2n, isCommitRevealEnabled: true },
          neurons: [
            { hotkey: "//V", coldkey: "//Alice", stakeRao: 1_000_000_000_000n, hasPermit: true },
            { hotkey: "//M1", coldkey: "//Bob" },
            { hotkey: "//M2", coldkey: "//Charlie" },
          ],
        },
      ],
    });
    api = await connect(devnet.url);
  });

  afterAll(async () => {
    await api.disconnect();
    await devnet.close();
    jest.restoreAllMocks();
  });

  const errorOf = async (name: string, ...args: readonly unknown[]) =>
    (await send(devnet, call(api, pallet, name, netuid, ...args), validator)).error;
  const epoch = async () => Number(await read(api, pallet, "subnetEpochIndex", netuid));
  const reachEpoch = async (target: number) => {
    for (let blocks = 0; (await epoch()) < target && blocks < 50; blocks += 1) devnet.produceBlock();
  };

  it("refuses plain weights", async () => {
    expect(await errorOf("setWeights", [2, 3], [1, 2], 0)).toBe("CommitRevealEnabled");
  });

  it("opens timelocked weights by itself in the epoch of reveal", async () => {
    const round = BigInt(Number(await read(api, "drand", "lastStoredRound"))) + 3n;
    const { publicKey } = (await read(api, "drand", "beaconConfig")) as { readonly publicKey: string };
    const payload = encodeWith(tuple(bytes, vec(u16), vec(u16), u64), [validator.publicKey, [2, 3], [100, 300], 0n]);
    const locked = lockForRound(payload, round, fromHex(publicKey));
    expect(locked.length - payload.length).toBe(244);
    const hex = toHex(locked);
    expect(await errorOf("commitTimelockedWeights", hex, round, 3)).toBe("IncorrectCommitRevealVersion");
    expect(await errorOf("commitTimelockedWeights", hex, round - 10n, 4)).toMatch(/Custom error: 15$/);
    expect(await errorOf("commitTimelockedWeights", hex, round, 4)).toBeNull();
    expect(await read(api, pallet, "weights", netuid, 1)).toEqual([]);
    await reachEpoch((await epoch()) + 2);
    expect(await read(api, pallet, "weights", netuid, 1)).toEqual([
      [2, 21_845],
      [3, 65_535],
    ]);
    expect(await read(api, pallet, "incentive", netuid)).toEqual([0, 0, 16_383, 49_151]);
  });

  it("takes committed weights in the epoch after, with the salt that was committed", async () => {
    const hash = commitHash(parseAccount("//V"), { netuid, mechanism: 0, uids: [2, 3], values: [1, 1], salt: [7, 8], versionKey: 0n });
    expect(await errorOf("commitWeights", hash)).toBeNull();
    expect(await errorOf("commitWeights", hash)).toMatch(/Custom error: 6$/);
    expect(await errorOf("revealWeights", [2, 3], [1, 1], [7, 8], 0)).toMatch(/Custom error: 17$/);
    await reachEpoch((await epoch()) + 1);
    expect(await errorOf("revealWeights", [2, 3], [1, 1], [7, 9], 0)).toMatch(/Custom error: 16$/);
    expect(await errorOf("revealWeights", [2, 3], [1, 1], [7, 8], 0)).toBeNull();
    expect(await read(api, pallet, "weights", netuid, 1)).toEqual([
      [2, 65_535],
      [3, 65_535],
    ]);
  });
});
