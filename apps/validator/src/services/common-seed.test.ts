import { describe, expect, it } from "@jest/globals";
import { recordingLogger } from "../testing/recording-logger.js";
import { createCommonSeed } from "./common-seed.js";

const { signal } = new AbortController();
const guard = { attempt: <Value>(_name: string, run: () => Promise<Value>) => run(), isUp: () => true };

function seedAt(blockNumber: number, netuid = 1) {
  const chain = {
    getBlock: async () => ({ number: blockNumber, hash: "unused" }),
    getBlockHash: async (number: number) => `0x${number}`,
  };
  return createCommonSeed(netuid, { chain, guard, logger: recordingLogger() }).current("own", signal);
}

describe("createCommonSeed", () => {
  it("is the same for validators that look within the same five blocks, and another one after them", async () => {
    expect(await seedAt(1_000)).toBe(await seedAt(1_004));
    expect(await seedAt(1_005)).not.toBe(await seedAt(1_004));
    expect(await seedAt(1_000, 2)).not.toBe(await seedAt(1_000));
  });

  it("is the validator's own seed, with a warning, while the chain is away", async () => {
    const logger = recordingLogger();
    const away = async () => {
      throw new Error("away");
    };
    const seed = createCommonSeed(1, { chain: { getBlock: away, getBlockHash: away }, guard, logger });
    expect(await seed.current("own", signal)).toBe("own");
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn"]);
  });

  it("kept each period waiting for a chain that was known to be silent: it is not asked then", async () => {
    const silent = () => new Promise<never>(() => undefined);
    const dependencies = { chain: { getBlock: silent, getBlockHash: silent }, logger: recordingLogger() };
    const seed = createCommonSeed(1, { ...dependencies, guard: { ...guard, isUp: () => false } });
    expect(await seed.current("own", signal)).toBe("own");
  });

  it("ends with its caller", async () => {
    const stop = new AbortController();
    stop.abort(new Error("stopped"));
    const chain = { getBlock: () => Promise.reject(new Error("away")), getBlockHash: async () => null };
    const seed = createCommonSeed(1, { chain, guard, logger: recordingLogger() });
    await expect(seed.current("own", stop.signal)).rejects.toThrow("stopped");
  });
});
