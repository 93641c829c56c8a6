import { describe, expect, it } from "@jest/globals";
import type { BlockRef, Metagraph, Neuron } from "@vision/chain";
import { fakeNeuron } from "@vision/chain/testing";
import { silentLogger } from "../runtime/logger.js";
import { createManualClock } from "../runtime/manual-clock.js";
import { createChainValidatorDirectory, type MetagraphReader } from "./chain-validator-directory.js";

const neuron = (hotkey: string, stakeRao: bigint, hasValidatorPermit: boolean) => fakeNeuron({ hotkey, stakeRao, hasValidatorPermit });

/** A chain whose state and availability the test sets. */
function createChain(neurons: readonly Neuron[]) {
  const chain = {
    neurons,
    isAway: false,
    readCount: 0,
    blocks: new Set<() => void>(),
    resets: new Set<() => void>(),
    watchBlocks(listener: (block: BlockRef) => void) {
      const tell = () => listener({ number: 1, hash: "0x01" });
      chain.blocks.add(tell);
      return () => chain.blocks.delete(tell);
    },
    watchResets(listener: () => void) {
      chain.resets.add(listener);
      return () => chain.resets.delete(listener);
    },
    getMetagraph: async (netuid: number): Promise<Metagraph> => {
      chain.readCount += 1;
      if (chain.isAway) throw new Error("away");
      return { netuid, blockNumber: 1, tempoBlocks: 360, ownerHotkey: null, neurons: chain.neurons };
    },
  };
  return chain satisfies MetagraphReader & Record<string, unknown>;
}

const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

const start = async (neurons: readonly Neuron[], isAway = false) => {
  const clock = createManualClock();
  const chain = createChain(neurons);
  chain.isAway = isAway;
  const messages: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => messages.push(message), info: (message: string) => messages.push(message) };
  const directory = createChainValidatorDirectory({ chain, netuid: 19, minStakeRao: 100n, refreshMs: 60_000, clock, logger });
  await settle();
  return { clock, chain, messages, directory };
};

describe("chain validator directory", () => {
  const neurons = [neuron("rich", 500n, true), neuron("also", 100n, true), neuron("poor", 99n, true), neuron("miner", 900n, false)];

  it("allows validators with permit and stake, and says why not to others", async () => {
    const { directory } = await start(neurons);
    expect(directory.isAllowed("rich")).toEqual({ isAllowed: true, stakeRao: 500n });
    expect(directory.isAllowed("also")).toEqual({ isAllowed: true, stakeRao: 100n });
    expect(directory.isAllowed("poor")).toMatchObject({ isAllowed: false, reason: expect.stringContaining("stake") });
    expect(directory.isAllowed("miner")).toMatchObject({ isAllowed: false, reason: expect.stringContaining("permit") });
    expect(directory.isAllowed("stranger")).toMatchObject({ isAllowed: false, reason: expect.stringContaining("not registered") });
    expect([directory.totalStakeRao(), directory.allowedCount?.()]).toEqual([600n, 2]);
    directory.close();
  });

  it("follows the chain", async () => {
    const { directory, chain, clock } = await start(neurons);
    chain.neurons = [neuron("poor", 1_000n, true)];
    clock.advance(60_000);
    await settle();
    expect([directory.isAllowed("rich").isAllowed, directory.isAllowed("poor").isAllowed]).toEqual([false, true]);
    directory.close();
  });

  it("keeps the last good metagraph while the chain is away, with one warning, and says when it is back", async () => {
    const { directory, chain, clock, messages } = await start(neurons);
    chain.isAway = true;
    for (let round = 0; round < 3; round += 1) {
      clock.advance(60_000);
      await settle();
    }
    expect(directory.isAllowed("rich").isAllowed).toBe(true);
    expect(messages).toEqual(["The chain does not answer"]);
    chain.isAway = false;
    clock.advance(60_000);
    await settle();
    expect(messages).toEqual(["The chain does not answer", "The chain is back; validators are up to date"]);
    directory.close();
  });

  it("allows nobody before the first metagraph, and asks for it sooner", async () => {
    const { directory, chain, clock } = await start(neurons, true);
    expect(directory.isAllowed("rich")).toMatchObject({ isAllowed: false, reason: expect.stringContaining("not known yet") });
    chain.isAway = false;
    clock.advance(10_000);
    await settle();
    expect(directory.isAllowed("rich").isAllowed).toBe(true);
    directory.close();
  });

  it("stops when it is closed", async () => {
    const { directory, chain, clock } = await start(neurons);
    directory.close();
    clock.advance(600_000);
    await settle();
    expect([chain.readCount, clock.timerCount]).toEqual([1, 0]);
  });

  it("served the validators of a chain that is no more until five minutes were over", async () => {
    const { chain, directory } = await start(neurons);
    chain.neurons = [neuron("new", 500n, true)];
    for (const tell of chain.resets) tell();
    await settle();
    expect(directory.isAllowed("new").isAllowed).toBe(true);
    expect(directory.isAllowed("rich").isAllowed).toBe(false);
    directory.close();
    expect([chain.blocks.size, chain.resets.size]).toEqual([0, 0]);
  });

  it("reads with the first block after an outage, and not with every block", async () => {
    const { chain, directory, clock } = await start(neurons);
    chain.isAway = true;
    clock.advance(60_000);
    await settle();
    expect(chain.readCount).toBe(2);
    chain.isAway = false;
    chain.neurons = [neuron("new", 500n, true)];
    for (let block = 0; block < 3; block += 1) {
      for (const tell of chain.blocks) tell();
      await settle();
    }
    expect(chain.readCount).toBe(3);
    expect(directory.isAllowed("new").isAllowed).toBe(true);
    // One timer goes on, not one for each reading.
    clock.advance(60_000);
    await settle();
    expect(chain.readCount).toBe(4);
    directory.close();
  });
});
