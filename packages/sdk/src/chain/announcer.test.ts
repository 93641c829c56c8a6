import { beforeAll, describe, expect, it } from "@jest/globals";
import { connect } from "@vision/chain";
import { createDevnet, type DevnetOptions } from "@vision/devnet";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import type { Logger } from "../runtime/logger.js";
import { createAnnouncer } from "./announcer.js";

const NETUID = 2;
let hotkey: Hotkey;

beforeAll(async () => {
  await ready();
  hotkey = createHotkeyFromUri("//Miner");
});

/** A logger that lets a test await how often a message was heard. */
function countingLogger(): Logger & { heard(message: string, count: number): Promise<void> } {
  const counts = new Map<string, number>();
  const waiting = new Set<() => void>();
  const note = (message: string) => {
    counts.set(message, (counts.get(message) ?? 0) + 1);
    for (const look of [...waiting]) look();
  };
  return {
    debug: note,
    info: note,
    warn: note,
    error: note,
    heard: (message, count) =>
      new Promise((resolve) => {
        const look = () => {
          if ((counts.get(message) ?? 0) < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

const subnetWith = (neurons: readonly string[]): DevnetOptions => ({
  production: "instant",
  subnets: [
    {
      netuid: NETUID,
      ownerHotkey: null,
      hyperparameters: { servingRateLimitBlocks: 0n },
      neurons: neurons.map((name) => ({ hotkey: name, coldkey: "//Alice" })),
    },
  ],
});

describe("createAnnouncer", () => {
  it("publishes at once on a chain that was started anew: validators could not find the miner for half an hour", async () => {
    const logger = countingLogger();
    const first = await createDevnet({ ...subnetWith(["//Miner"]), genesisTimeMs: 1_700_000_000_000 });
    const chain = await connect({ endpoints: [first.url], retryDelayMs: 10 });
    const announcer = createAnnouncer(chain, { netuid: NETUID, host: "127.0.0.2", port: 8091, hotkey }, { logger });
    announcer.start();
    await logger.heard("Endpoint published", 1);
    await first.close();
    const second = await createDevnet({ ...subnetWith(["//Miner"]), genesisTimeMs: 1_800_000_000_000, port: first.port });
    try {
      await logger.heard("Endpoint published", 2);
      expect((await chain.getMetagraph(NETUID)).neurons[0]?.endpoint).toEqual({ host: "127.0.0.2", port: 8091 });
    } finally {
      announcer.close();
      await chain.close();
      await second.close();
    }
  });

  it("publishes some blocks after the hotkey was registered, not after a minute", async () => {
    const logger = countingLogger();
    const devnet = await createDevnet(subnetWith(["//Other"]));
    const chain = await connect({ endpoints: [devnet.url] });
    const announcer = createAnnouncer(chain, { netuid: NETUID, host: "127.0.0.2", port: 8091, hotkey }, { logger });
    announcer.start();
    try {
      await logger.heard("The hotkey is not registered on the subnet; validators cannot find this miner", 1);
      const signer = createHotkeyFromUri("//Alice");
      await chain.register({ netuid: NETUID, hotkey: hotkey.address, signer, maxBurnRao: 1_000_000_000n });
      devnet.produceBlocks(5);
      await logger.heard("Endpoint published", 1);
    } finally {
      announcer.close();
      await chain.close();
      await devnet.close();
    }
  });
});
