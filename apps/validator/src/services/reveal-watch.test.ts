import { describe, expect, it } from "@jest/globals";
import { createFakeChain, type FakeChain } from "@vision/chain/testing";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { createMemoryStore, type MemoryStore } from "../testing/memory-store.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { createDependencyGuard } from "./dependency-guard.js";
import { createMetagraphSync } from "./metagraph-sync.js";
import { createRevealWatch } from "./reveal-watch.js";

const signer = { address: "validator", publicKey: new Uint8Array(32), sign: () => new Uint8Array(64) };

const epochBlock = 20;

/** A watch as a program that starts has one. */
function startWatch(chain: FakeChain, store: MemoryStore) {
  const [clock, logger, metrics] = [createManualClock(), recordingLogger(), createRecordingMetrics()];
  const guard = createDependencyGuard({ clock, logger, metrics });
  const own = { netuid: 1, ownHotkey: "validator", arePrivateEndpointsAllowed: true };
  const metagraph = createMetagraphSync(own, { chain, guard, logger, metrics });
  const watch = createRevealWatch({ netuid: 1 }, { chain, metagraph, store, guard, logger, metrics });
  const stop = new AbortController();
  const running = metagraph.readFresh(stop.signal).then(() => watch.run(stop.signal));
  const end = async () => {
    stop.abort();
    await running;
  };
  return { watch, end, clock, logger, metrics, running };
}

async function commitOn(chain: FakeChain, store = createMemoryStore()) {
  const started = startWatch(chain, store);
  await settle();
  const weights = [{ uid: 1, hotkey: "alice", weightU16: 65_535 }];
  await store.beginWeightSet({ netuid: 1, epochBlock, weights, nowMs: 0, staleAfterMs: 1 });
  const result = await chain.setWeights({ netuid: 1, weights, versionKey: 0n, signer });
  if (result.kind !== "committed") throw new Error("The weights were not committed.");
  const committed = { revealBlock: result.revealBlock, weights: result.weights };
  const includedAtBlock = result.blockNumber;
  started.watch.note({ epochBlock, includedAtBlock, ...committed });
  await store.finishWeightSet({ netuid: 1, epochBlock, state: "set", includedAtBlock, detail: null, committed });
  const reach = async (blockNumber: number) => {
    while ((await chain.getBlock()).number < blockNumber) {
      chain.advance();
      await settle();
    }
  };
  return { ...started, reach, store, revealBlock: result.revealBlock };
}

const aChain = () =>
  createFakeChain({
    netuid: 1,
    neurons: [{ hotkey: "validator", hasValidatorPermit: true }, { hotkey: "alice" }],
    hyperparameters: { tempoBlocks: 20, isCommitRevealEnabled: true },
  });

describe("createRevealWatch", () => {
  it("sees a commit revealed", async () => {
    const { reach, end, logger, metrics, revealBlock } = await commitOn(aChain());
    await reach(revealBlock - 1);
    expect(metrics.values.get('weightsRevealsTotal {"outcome":"revealed"}')).toBeUndefined();
    await reach(revealBlock + 1);
    expect(metrics.values.get('weightsRevealsTotal {"outcome":"revealed"}')).toBe(1);
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
    await end();
  });

  it("notices a reveal that was lost: the log said committed and nobody looked", async () => {
    const chain = aChain();
    chain.setRevealsLost(true);
    const { reach, end, logger, metrics, revealBlock } = await commitOn(chain);
    await reach(revealBlock + 9);
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
    await reach(revealBlock + 20);
    expect(metrics.values.get('weightsRevealsTotal {"outcome":"lost"}')).toBe(1);
    expect(logger.lines.filter(({ level }) => level === "error").map(({ message }) => message)).toEqual([
      "Committed weights were not revealed: the chain holds others",
    ]);
    await end();
  });

  it("forgets the commits of a chain that was started anew", async () => {
    const chain = aChain();
    const { reach, end, logger, metrics, revealBlock } = await commitOn(chain);
    chain.restart();
    await reach(revealBlock + 20);
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
    expect([...metrics.values.keys()].filter((key) => key.startsWith("weightsRevealsTotal"))).toEqual([]);
    await end();
  });

  it("a restart in between forgot the commits of before: a lost reveal of theirs was told by nobody", async () => {
    for (const areLost of [false, true]) {
      const chain = aChain();
      chain.setRevealsLost(areLost);
      const { reach, end, store, revealBlock } = await commitOn(chain);
      await end();
      const { logger, metrics, end: endAgain } = startWatch(chain, store);
      await settle();
      await reach(revealBlock + 20);
      const outcome = areLost ? "lost" : "revealed";
      expect(metrics.values.get(`weightsRevealsTotal {"outcome":"${outcome}"}`)).toBe(1);
      expect(logger.lines.filter(({ level }) => level === "error")).toHaveLength(areLost ? 1 : 0);
      expect((await store.getLastWeightSet(1))?.reveal).toEqual({ block: revealBlock, outcome });
      await endAgain();
      // What is settled is no business of the next start.
      const third = startWatch(chain, store);
      await reach(revealBlock + 25);
      expect([...third.metrics.values.keys()].filter((key) => key.startsWith("weightsRevealsTotal"))).toEqual([]);
      await third.end();
    }
  });

  it("loses no commit while the database is away at the start", async () => {
    const chain = aChain();
    const { reach, end, store, revealBlock } = await commitOn(chain);
    await end();
    store.setUnreachable(true);
    const again = startWatch(chain, store);
    await reach(revealBlock - 1);
    store.setUnreachable(false);
    await again.clock.advance(60_000);
    await reach(revealBlock + 2);
    expect(again.metrics.values.get('weightsRevealsTotal {"outcome":"revealed"}')).toBe(1);
    await again.end();
  });

  it("looks again after an outage", async () => {
    const chain = aChain();
    const { reach, end, metrics, revealBlock } = await commitOn(chain);
    chain.failNext("getWeights", undefined, 2);
    await reach(revealBlock + 5);
    expect(metrics.values.get('weightsRevealsTotal {"outcome":"revealed"}')).toBe(1);
    await end();
  });
});
