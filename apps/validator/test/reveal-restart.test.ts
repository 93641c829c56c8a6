import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ChainClient, connect } from "@vision/chain";
import { createDevnet, type Devnet } from "@vision/devnet";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { createDependencyGuard } from "../src/services/dependency-guard.js";
import { createMetagraphSync } from "../src/services/metagraph-sync.js";
import { createRevealWatch } from "../src/services/reveal-watch.js";
import { createWeightSubmitter } from "../src/services/submit-weights.js";
import { createManualClock } from "../src/testing/manual-clock.js";
import { createMemoryStore } from "../src/testing/memory-store.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { createRecordingMetrics } from "../src/testing/recording-metrics.js";

const netuid = 2;
await ready();
const signer = createHotkeyFromUri("//V");

/** Commits of a real client on a development node, whose process ends before the chain opens them. */
describe("timelocked weights over a restart", () => {
  let devnet: Devnet;
  let chain: ChainClient;

  beforeAll(async () => {
    devnet = await createDevnet({
      production: "instant",
      // What a client that sees no earlier blocks takes for the pace.
      blockTimeMs: 12_000,
      subnets: [
        {
          netuid,
          hyperparameters: { tempoBlocks: 20, weightsRateLimitBlocks: 2n, isCommitRevealEnabled: true },
          neurons: [
            { hotkey: "//V", coldkey: "//Alice", stakeRao: 1_000_000_000_000n, hasPermit: true },
            { hotkey: "//M1", coldkey: "//Bob" },
            { hotkey: "//M2", coldkey: "//Charlie" },
          ],
        },
      ],
    });
    chain = await connect({ endpoints: [devnet.url] });
  });
  afterAll(async () => {
    await chain.close();
    await devnet.close();
  });

  /** What a process of the validator has. */
  function start(store: ReturnType<typeof createMemoryStore>) {
    const [clock, logger, metrics] = [createManualClock(), recordingLogger(), createRecordingMetrics()];
    const guard = createDependencyGuard({ clock, logger, metrics });
    const options = { netuid, ownHotkey: signer.address, arePrivateEndpointsAllowed: true };
    const metagraph = createMetagraphSync(options, { chain, guard, logger, metrics });
    const reveals = createRevealWatch({ netuid }, { chain, metagraph, store, guard, logger, metrics });
    const submitter = createWeightSubmitter({ netuid, versionKey: 0n }, { chain, store, signer, reveals, guard, logger });
    return { metagraph, reveals, submitter, logger, metrics };
  }

  /** Commits weights and ends; makes blocks under a second process until that knows what became of them. */
  async function commitAndRestart(changeRecord: (store: ReturnType<typeof createMemoryStore>, epochBlock: number) => Promise<void>) {
    const { signal } = new AbortController();
    const store = createMemoryStore();
    const first = start(store);
    const subnet = await first.metagraph.readFresh(signal);
    const [own, miner] = [first.metagraph.self(subnet), subnet.neurons[2]];
    if (own === null || miner === undefined) throw new Error("The subnet is not as it was made.");
    const epochBlock = await chain.getNextEpochBlock(netuid);
    const weights = [{ uid: miner.uid, hotkey: miner.hotkey, weightU16: 65_535 }];
    await store.beginWeightSet({ netuid, epochBlock, weights, nowMs: 0, staleAfterMs: 1 });
    await first.submitter.submit(own, epochBlock, weights, signal);
    await changeRecord(store, epochBlock);

    const second = start(store);
    await second.metagraph.readFresh(signal);
    const stop = new AbortController();
    const running = second.reveals.run(stop.signal);
    const isSettled = () =>
      second.metrics.values.size > 0 && [...second.metrics.values.keys()].some((key) => key.startsWith("weightsReveals"));
    for (let blocks = 0; blocks < 80 && !isSettled(); blocks += 1) {
      const { number } = devnet.chain.head.header;
      devnet.produceBlock();
      await reach(number + 1);
      // A look is answered before the next block is made.
      await chain.getWeights(netuid, own.uid);
    }
    stop.abort();
    await running;
    return { ...second, reveal: (await store.getLastWeightSet(netuid))?.reveal };
  }

  function reach(blockNumber: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = chain.watchBlocks(({ number }) => {
        if (number < blockNumber) return;
        queueMicrotask(() => stop());
        resolve();
      });
    });
  }

  it("are seen revealed by the next process", async () => {
    const { logger, reveal } = await commitAndRestart(async () => undefined);
    expect(reveal).toMatchObject({ outcome: "revealed" });
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("are missed by the next process where the chain holds others: nobody noticed a reveal that was lost", async () => {
    const { logger, metrics, reveal } = await commitAndRestart(async (store, epochBlock) => {
      const revealBlock = (await store.getLastWeightSet(netuid))?.reveal?.block ?? 0;
      const includedAtBlock = devnet.chain.head.header.number;
      const committed = { revealBlock, weights: [{ uid: 3, weightU16: 65_535 }] };
      await store.finishWeightSet({ netuid, epochBlock, state: "set", includedAtBlock, detail: null, committed });
    });
    expect(reveal).toMatchObject({ outcome: "lost" });
    expect(metrics.values.get('weightsRevealsTotal {"outcome":"lost"}')).toBe(1);
    expect(logger.lines.filter(({ level }) => level === "error").map(({ message }) => message)).toEqual([
      "Committed weights were not revealed: the chain holds others",
    ]);
  });
});
