import { describe, expect, it } from "@jest/globals";
import { createFakeChain, type FakeChain } from "@vision/chain/testing";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { createDependencyGuard } from "./dependency-guard.js";
import { createRevealWatch } from "./reveal-watch.js";

const signer = { address: "validator", publicKey: new Uint8Array(32), sign: () => new Uint8Array(64) };

async function commitOn(chain: FakeChain) {
  const [clock, logger, metrics] = [createManualClock(), recordingLogger(), createRecordingMetrics()];
  const watch = createRevealWatch({ netuid: 1 }, { chain, guard: createDependencyGuard({ clock, logger, metrics }), logger, metrics });
  const stop = new AbortController();
  const running = watch.run(stop.signal);
  const weights = [{ uid: 1, hotkey: "alice", weightU16: 65_535 }];
  const result = await chain.setWeights({ netuid: 1, weights, versionKey: 0n, signer });
  if (result.kind !== "committed") throw new Error("The weights were not committed.");
  watch.note({ uid: 0, includedAtBlock: result.blockNumber, revealBlock: result.revealBlock, weights: result.weights });
  const reach = async (blockNumber: number) => {
    while ((await chain.getBlock()).number < blockNumber) {
      chain.advance();
      await settle();
    }
  };
  const end = async () => {
    stop.abort();
    await running;
  };
  return { reach, end, logger, metrics, revealBlock: result.revealBlock };
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

  it("looks again after an outage", async () => {
    const chain = aChain();
    const { reach, end, metrics, revealBlock } = await commitOn(chain);
    chain.failNext("getWeights", undefined, 2);
    await reach(revealBlock + 5);
    expect(metrics.values.get('weightsRevealsTotal {"outcome":"revealed"}')).toBe(1);
    await end();
  });
});
