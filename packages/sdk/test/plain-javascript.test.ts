import { beforeAll, describe, expect, it } from "@jest/globals";
import { createHotkeyFromSeed, createHotkeyFromUri, createMiner, ready } from "@vision/sdk";
import { createAnnouncer, createChainValidatorDirectory } from "@vision/sdk/chain";
import { createMinerClient } from "@vision/sdk/client";
import { serve } from "@vision/sdk/node";

beforeAll(() => ready());

/** What no compiler held back. */
const loosely = (call: unknown) => call as (...given: unknown[]) => unknown;

async function mistakeOf(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

const chain = { getMetagraph() {}, publishEndpoint() {}, watchBlocks() {}, watchResets() {} };

describe("a program in plain JavaScript", () => {
  it("regression: forgot or mixed up what it passes, and got a bare TypeError or a miner that nobody found", async () => {
    const hotkey = createHotkeyFromUri("//Alice");
    const place = { netuid: 1, host: "203.0.113.7", port: 8091, hotkey };
    const calls: readonly (readonly [() => unknown, RegExp])[] = [
      [() => loosely(createMiner)(), /createMiner .*options:/],
      [() => loosely(createMinerClient)(), /createMinerClient .*options:/],
      [() => loosely(createMinerClient)({ hotkey: "//Alice", conections: 3 }), /hotkey: must be a hotkey.*conections/],
      [() => loosely(createMinerClient)({ hotkey, connections: 0 }), /connections: must be a number above 0/],
      [() => loosely(createChainValidatorDirectory)(), /createChainValidatorDirectory .*options:/],
      [() => loosely(createChainValidatorDirectory)({ chain: "finney", netuid: 19 }), /chain: must be a chain client/],
      [() => loosely(createChainValidatorDirectory)({ chain, netuid: 19, minStakeRao: 5 }), /minStakeRao: must be a bigint/],
      [() => loosely(createChainValidatorDirectory)({ chain, netuid: 19, minStake: 5n }), /minStake/],
      [() => loosely(createAnnouncer)(), /chain: must be a chain client.*announcement/],
      [() => loosely(createAnnouncer)(chain, { ...place, port: "8091" }), /announcement\.port: must be a port/],
      [() => loosely(createAnnouncer)(chain, place, { loger: console }), /loger/],
      [() => loosely(serve)({}, { port: 0 }), /miner: must be a miner of createMiner/],
      [() => loosely(serve)(Promise.resolve(), { port: 0 }), /miner: must be a miner of createMiner/],
    ];
    for (const [call, words] of calls) {
      expect(await mistakeOf(call)).toMatchObject({ code: "SDK_INVALID_OPTIONS", message: expect.stringMatching(words) });
    }
    for (const key of [
      () => loosely(createHotkeyFromUri)(),
      () => loosely(createHotkeyFromUri)(5),
      () => loosely(createHotkeyFromSeed)(),
    ]) {
      expect(await mistakeOf(key)).toMatchObject({ code: "SIGNING_INVALID_KEY" });
    }
  });

  it("may leave out what has a default", async () => {
    const hotkey = createHotkeyFromUri("//Alice");
    await createMinerClient({ hotkey }).close();
    const announcer = loosely(createAnnouncer)(chain, { netuid: 1, host: "203.0.113.7", port: 8091, hotkey });
    expect(announcer).toMatchObject({ start: expect.any(Function) });
  });
});
