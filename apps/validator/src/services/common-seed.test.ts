import { describe, expect, it } from "@jest/globals";
import { createFakeChain } from "@vision/chain/testing";
import { recordingLogger } from "../testing/recording-logger.js";
import { createCommonSeed } from "./common-seed.js";

const { signal } = new AbortController();
const guard = { attempt: <Value>(_name: string, run: () => Promise<Value>) => run(), isUp: () => true };
const hour = 3_600_000;

/** The seed of an hour, asked for by a validator that sees the chain up to that block; blocks are 12 s apart. */
function seedAt(boundaryMs: number, newestBlock: number, netuid = 1) {
  const chain = createFakeChain({ blockNumber: newestBlock });
  return createCommonSeed(netuid, { chain, guard, logger: recordingLogger() }).at(boundaryMs, "own", signal);
}

describe("createCommonSeed", () => {
  it("is the same for validators that ask right after the hour began and half an hour into it, and another one of every hour and subnet", async () => {
    expect(await seedAt(hour, 300)).toBe(await seedAt(hour, 450));
    expect(await seedAt(2 * hour, 600)).not.toBe(await seedAt(hour, 600));
    expect(await seedAt(hour, 300, 2)).not.toBe(await seedAt(hour, 300));
  });

  it("is of a block that every node has had time to hear of: one that sees the newest block and one that does not yet agree", async () => {
    expect(await seedAt(hour, 299)).toBe(await seedAt(hour, 300));
  });

  it("is the validator's own seed, with a warning, while the chain is away or does not know the hour's block", async () => {
    const logger = recordingLogger();
    const chain = createFakeChain();
    chain.setUnreachable(true);
    const seed = createCommonSeed(1, { chain, guard, logger });
    expect(await seed.at(hour, "own", signal)).toBe("own");
    chain.setUnreachable(false);
    expect(await seed.at(0, "own", signal)).toBe("own");
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn", "warn"]);
  });

  it("kept each period waiting for a chain that was known to be silent: it is not asked then", async () => {
    const silent = () => new Promise<never>(() => undefined);
    const dependencies = { chain: { getBlockAt: silent }, logger: recordingLogger() };
    const seed = createCommonSeed(1, { ...dependencies, guard: { ...guard, isUp: () => false } });
    expect(await seed.at(hour, "own", signal)).toBe("own");
  });

  it("ends with its caller", async () => {
    const stop = new AbortController();
    stop.abort(new Error("stopped"));
    const chain = { getBlockAt: () => Promise.reject(new Error("away")) };
    const seed = createCommonSeed(1, { chain, guard, logger: recordingLogger() });
    await expect(seed.at(hour, "own", stop.signal)).rejects.toThrow("stopped");
  });
});
