import { describe, expect, it } from "@jest/globals";
import { createFakeChain, type FakeChain } from "@vision/chain/testing";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { createMemoryStore } from "../testing/memory-store.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { createChainWatch } from "./chain-watch.js";
import { createDependencyGuard } from "./dependency-guard.js";
import { createMetagraphSync } from "./metagraph-sync.js";

const CHAIN_UP = 'dependencyUp {"dependency":"chain"}';

async function watch(chain: FakeChain, options: { readonly hasSetWeights: boolean }) {
  const [clock, logger, metrics, store] = [createManualClock(), recordingLogger(), createRecordingMetrics(), createMemoryStore()];
  const guard = createDependencyGuard({ clock, logger, metrics });
  const metagraph = createMetagraphSync(
    { netuid: 1, ownHotkey: "validator", arePrivateEndpointsAllowed: true },
    { chain, guard, logger, metrics },
  );
  if (options.hasSetWeights) {
    const key = { netuid: 1, epochBlock: 20 };
    await store.beginWeightSet({ ...key, weights: [{ uid: 1, weightU16: 1 }], nowMs: clock.nowMs(), staleAfterMs: 1 });
    await store.finishWeightSet({ ...key, state: "set", includedAtBlock: 19, detail: null });
  }
  const stop = new AbortController();
  await metagraph.refresh(stop.signal);
  const service = createChainWatch({ netuid: 1 }, { chain, metagraph, store, guard, clock, logger, metrics });
  const wasTicking = service.isTicking();
  const running = service.run(stop.signal);
  await settle();
  /** Lets time pass in which no block comes. */
  const pass = async (durationMs: number) => {
    for (let passed = 0; passed < durationMs; passed += 10_000) {
      chain.setHeadAge((chain.status().headAgeMs ?? 0) + 10_000);
      await clock.advance(10_000);
    }
  };
  const end = async () => {
    stop.abort();
    await running.catch(() => undefined);
  };
  return { service, wasTicking, clock, logger, metrics, metagraph, pass, end, signal: stop.signal };
}

const aChain = () =>
  createFakeChain({
    netuid: 1,
    neurons: [{ hotkey: "validator", hasValidatorPermit: true, lastUpdateBlock: 19 }, { hotkey: "alice" }],
    hyperparameters: { tempoBlocks: 20 },
    blockNumber: 25,
  });

describe("createChainWatch", () => {
  it("ticks while it runs, and is seen to have stopped a minute after its last look", async () => {
    const { service, wasTicking, clock, end } = await watch(aChain(), { hasSetWeights: true });
    expect(wasTicking).toBe(false);
    await clock.advance(600_000);
    expect([service.isTicking(), service.isHeard()]).toEqual([true, true]);
    await end();
    await clock.advance(50_000);
    expect(service.isTicking()).toBe(true);
    await clock.advance(20_000);
    expect(service.isTicking()).toBe(false);
  });

  it("measures its own place on the subnet and the age of the head", async () => {
    const chain = aChain();
    chain.updateNeuron(0, { stakeRao: 1_500_000_000n });
    const { metrics, metagraph, pass, end, signal } = await watch(chain, { hasSetWeights: true });
    const seen = () => ["registered", "validatorPermit", "stakeTao", "chainBlock"].map((name) => metrics.values.get(name));
    expect(seen()).toEqual([1, 1, 1.5, 25]);
    await pass(30_000);
    expect(metrics.values.get("chainHeadAgeSeconds")).toBeGreaterThanOrEqual(30);
    chain.updateNeuron(0, { hasValidatorPermit: false });
    await metagraph.refresh(signal);
    expect(seen()).toEqual([1, 0, 1.5, 25]);
    await end();
  });

  it("hears no chain that sends no blocks", async () => {
    const { service, pass, end } = await watch(aChain(), { hasSetWeights: true });
    await pass(130_000);
    expect(service.isHeard()).toBe(false);
    await end();
  });

  it("says that the chain is down while no block comes, though nobody asks it for anything: the gauge stayed 1 for 20 epochs", async () => {
    const chain = aChain();
    const { metrics, logger, pass, end } = await watch(chain, { hasSetWeights: false });
    expect(metrics.values.get(CHAIN_UP)).toBe(1);
    await pass(110_000);
    expect(metrics.values.get(CHAIN_UP)).toBe(1);
    await pass(30_000);
    expect(metrics.values.get(CHAIN_UP)).toBe(0);
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: "warn", message: expect.stringContaining("does not work") }));
    chain.advance();
    expect(metrics.values.get(CHAIN_UP)).toBe(1);
    chain.setUnreachable(true);
    expect(metrics.values.get(CHAIN_UP)).toBe(0);
    await end();
  });

  it("counts the silence by the clock: it was frozen at 4 while no block came", async () => {
    const { metrics, pass, end } = await watch(aChain(), { hasSetWeights: true });
    expect(metrics.values.get("weightsSilenceBlocks")).toBe(6);
    await pass(240_000);
    expect(metrics.values.get("weightsSilenceBlocks")).toBe(26);
    await end();
  });

  it("raises one error when weights are late, in the outage that makes them late, and says when they are in time again", async () => {
    const chain = aChain();
    const { metrics, metagraph, logger, clock, pass, end, signal } = await watch(chain, { hasSetWeights: true });
    const late = () => logger.lines.filter(({ level }) => level === "error").map(({ message }) => message);
    await pass(400_000);
    expect({ late: late(), gauge: metrics.values.get("weightsLate") }).toEqual({ late: [], gauge: 0 });
    await pass(120_000);
    expect(late()).toEqual(["Weights are late: the chain took none of ours for more than two tempos"]);
    expect(metrics.values.get("weightsLate")).toBe(1);
    await pass(100_000);
    expect(late()).toHaveLength(1);
    chain.advance();
    chain.updateNeuron(0, { lastUpdateBlock: 26 });
    await metagraph.refresh(signal);
    await clock.advance(10_000);
    expect(metrics.values.get("weightsLate")).toBe(0);
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: "info", message: "Weights are in time again" }));
    await end();
  });

  it("raises none for a validator that never set weights or has no permit", async () => {
    for (const [hasPermit, hasSetWeights] of [
      [true, false],
      [false, true],
    ] as const) {
      const chain = aChain();
      chain.updateNeuron(0, { hasValidatorPermit: hasPermit });
      const { logger, metrics, pass, end } = await watch(chain, { hasSetWeights });
      await pass(1_000_000);
      expect({ hasPermit, errors: logger.lines.filter(({ level }) => level === "error") }).toEqual({ hasPermit, errors: [] });
      expect(metrics.values.get("weightsLate")).toBe(0);
      await end();
    }
  });
});
