import { describe, expect, it } from "@jest/globals";
import { ChainError } from "@vision/chain";
import { createFakeChain, type FakeChain } from "@vision/chain/testing";
import { createRegistry } from "@vision/protocol";
import { scoreEpoch, VISION } from "@vision/scoring";
import { defaultWeightParams } from "../domain/weight-params.js";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { createMemoryStore, type MemoryStore } from "../testing/memory-store.js";
import { recordingLogger, warningsOf } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { aPeriod, aProbe, aResult, aTiming } from "../testing/store-samples.js";
import { createDependencyGuard } from "./dependency-guard.js";
import { createMetagraphSync } from "./metagraph-sync.js";
import { createRevealWatch } from "./reveal-watch.js";
import { createScorer } from "./scorer.js";
import { createWeightSetter } from "./weight-setter.js";

const signer = { address: "validator", publicKey: new Uint8Array(32), sign: () => new Uint8Array(64) };
const signal = new AbortController().signal;
const force = { isForced: true };

function aChain(): FakeChain {
  return createFakeChain({
    netuid: 1,
    neurons: [{ hotkey: "validator", hasValidatorPermit: true, stakeRao: 10n ** 12n }, { hotkey: "alice" }, { hotkey: "bob" }],
    hyperparameters: { tempoBlocks: 20, weightsRateLimitBlocks: 3 },
    blockNumber: 25,
  });
}

/** A store in which alice answered and bob failed, in one closed period. */
async function aRecord(): Promise<MemoryStore> {
  const store = createMemoryStore();
  const probes = [aProbe(), aProbe({ hotkey: "bob" })];
  await store.switchPeriod(aPeriod(1), probes);
  await store.recordResults([aResult("a"), aResult("b", { hotkey: "bob", outcome: "failed", blame: "miner", completedUnits: 0 })], []);
  await store.recordSample({
    requestId: "s",
    period: 1,
    hotkey: "alice",
    taskId: "chat-tiny",
    qualityFraction: 1,
    isOrganic: false,
    evidence: null,
    ...aTiming,
    reasons: [],
    receipt: null,
  });
  await store.switchPeriod(aPeriod(2), probes);
  return store;
}

function setUp(chain: FakeChain, store: MemoryStore, changes: Partial<typeof defaultWeightParams> = {}) {
  const clock = createManualClock();
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const guard = createDependencyGuard({ clock, logger, metrics });
  const params = { ...defaultWeightParams, ...changes };
  const metagraph = createMetagraphSync(
    { netuid: 1, ownHotkey: "validator", arePrivateEndpointsAllowed: true },
    { chain, guard, logger, metrics },
  );
  const taskWeights = { current: async () => ({ "chat-tiny": 1 }) };
  const scorer = createScorer(
    { params, scoring: VISION, periodMs: 3_600_000 },
    { store, taskWeights, guard, routing: { registry: () => createRegistry() } },
  );
  const reveals = createRevealWatch({ netuid: 1 }, { chain, metagraph, store, guard, logger, metrics });
  const setter = createWeightSetter(
    { params, netuid: 1 },
    { chain, metagraph, scorer, store, signer, reveals, guard, clock, logger, metrics },
  );
  return { setter, reveals, clock, logger, metrics };
}

describe("createWeightSetter", () => {
  it("warns once where the subnet has commit-reveal off, for weights can be copied there, and says when it is on", async () => {
    const chain = aChain();
    const { setter, logger } = setUp(chain, await aRecord());
    const told = () => logger.lines.filter(({ message }) => message.startsWith("Commit-reveal")).map(({ level }) => level);
    for (let looks = 0; looks < 3; looks += 1) await setter.step({ isForced: false }, signal);
    expect(told()).toEqual(["warn"]);
    chain.updateHyperparameters({ isCommitRevealEnabled: true });
    for (let looks = 0; looks < 2; looks += 1) await setter.step({ isForced: false }, signal);
    expect(told()).toEqual(["warn", "info"]);
  });

  it("sets what the scores say, records it, and has it confirmed by the chain", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    const { setter, metrics, logger } = setUp(chain, store);
    expect(await setter.step(force, signal)).toMatchObject({ kind: "set" });
    expect(chain.weightsRecords).toMatchObject([{ hotkey: "validator", weights: [{ uid: 1, weightU16: 65_535 }] }]);
    expect(await store.getLastWeightSet(1)).toMatchObject({ state: "set", detail: null, weights: [{ uid: 1, weightU16: 65_535 }] });
    expect((await store.getEpoch(1))?.report.preset).toBe("VISION");
    expect(metrics.values.get("weightsSetTotal")).toBe(1);
    expect(warningsOf(logger)).toEqual([]);
  });

  it("never sets twice for an epoch, also when two processes try at once", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    const steps = await Promise.all([setUp(chain, store).setter.step(force, signal), setUp(chain, store).setter.step(force, signal)]);
    expect(steps.map(({ kind }) => kind).sort()).toEqual(["set", "skipped"]);
    chain.advance(3);
    expect(await setUp(chain, store).setter.step(force, signal)).toMatchObject({
      kind: "skipped",
      reason: "weights for this epoch were set already",
    });
    expect(chain.weightsRecords).toHaveLength(1);
  });

  it("sets again in the same epoch what a reorganisation dropped, once that is certain", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    const { setter, logger } = setUp(chain, store);
    expect(await setter.step(force, signal)).toMatchObject({ kind: "set", blockNumber: 26 });
    chain.updateNeuron(0, { lastUpdateBlock: 0 });
    chain.advance(3);
    expect(await setter.step(force, signal)).toMatchObject({ kind: "skipped", reason: "weights for this epoch were set already" });
    chain.advance(1);
    expect(await setter.step(force, signal)).toMatchObject({ kind: "set", blockNumber: 31 });
    expect(chain.weightsRecords).toHaveLength(2);
    expect(warningsOf(logger)).toEqual(["The block with our weights was dropped by the chain; they are set again"]);
    expect(await store.getLastWeightSet(1)).toMatchObject({ state: "set", includedAtBlock: 31 });
  });

  it("does not set again what is in a block although the call for it failed", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    chain.updateHyperparameters({ weightsRateLimitBlocks: 0 });
    const setWeights: FakeChain["setWeights"] = async (request, options) => {
      await chain.setWeights(request, options);
      throw new ChainError({ code: "CHAIN_TIMEOUT", message: "not seen in a block", isRetryable: true });
    };
    const { setter } = setUp({ ...chain, setWeights }, store);
    expect(await setter.step(force, signal)).toMatchObject({ kind: "failed" });
    expect(await setter.step(force, signal)).toEqual({ kind: "set", blockNumber: 26 });
    expect(await setter.step(force, signal)).toMatchObject({ kind: "skipped", reason: "weights for this epoch were set already" });
    expect(chain.weightsRecords).toHaveLength(1);
    expect(await store.getLastWeightSet(1)).toMatchObject({ state: "set", includedAtBlock: 26 });
  });

  it("a validator that was stopped while its call was under way set weights again at its next start: they are looked for first", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    chain.updateHyperparameters({ weightsRateLimitBlocks: 0 });
    const stop = new AbortController();
    const setWeights: FakeChain["setWeights"] = async (request, options) => {
      await chain.setWeights(request, options);
      stop.abort(new Error("told to stop"));
      throw stop.signal.reason;
    };
    await expect(setUp({ ...chain, setWeights }, store).setter.step(force, stop.signal)).rejects.toThrow("told to stop");
    await setUp(chain, store).setter.step(force, signal);
    expect(chain.weightsRecords).toHaveLength(1);
    expect(await store.getLastWeightSet(1)).toMatchObject({ state: "set", includedAtBlock: 26 });
  });

  it("counts it as a failure, to be tried again, when the chain holds other weights than were set", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    let isForeign = true;
    const getWeights: FakeChain["getWeights"] = async (netuid, uid, options) =>
      isForeign ? [{ uid: 2, weightU16: 65_535 }] : chain.getWeights(netuid, uid, options);
    const { setter, metrics } = setUp({ ...chain, getWeights }, store);
    expect(await setter.step(force, signal)).toMatchObject({ kind: "failed", error: { message: expect.stringContaining("holds others") } });
    expect(metrics.values.get("weightsFailedTotal")).toBe(1);
    isForeign = false;
    chain.advance(3);
    expect(await setter.step(force, signal)).toMatchObject({ kind: "set" });
  });

  it("takes a timelocked commit for set: what it holds is told at its reveal", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    chain.updateHyperparameters({ isCommitRevealEnabled: true });
    const { setter, logger } = setUp(chain, store);
    expect(await setter.step(force, signal)).toMatchObject({ kind: "set" });
    const set = await store.getLastWeightSet(1);
    expect(set).toMatchObject({ state: "set", detail: expect.stringMatching(/revealed at block \d+/), reveal: { outcome: "pending" } });
    expect(set?.detail).toContain(String(set?.reveal?.block));
    expect(warningsOf(logger)).toEqual([]);
  });

  it("has nothing to say before the first closed period and when all scores are zero", async () => {
    const chain = aChain();
    const store = createMemoryStore();
    expect(await setUp(chain, store).setter.step(force, signal)).toMatchObject({ kind: "skipped" });
    await store.switchPeriod(aPeriod(1), [aProbe()]);
    expect(await setUp(chain, store).setter.step(force, signal)).toMatchObject({ kind: "skipped" });
    await store.switchPeriod(aPeriod(2), [aProbe()]);
    expect(await setUp(chain, store).setter.step(force, signal)).toMatchObject({ kind: "skipped", reason: "there are no scores to set" });
    expect(chain.weightsRecords).toEqual([]);
  });

  it("sets nothing while the metagraph cannot be read: a uid that had changed hands got incentive 1.000", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    const { setter } = setUp(chain, store);
    expect(await setter.step(force, signal)).toMatchObject({ kind: "set" });
    chain.advance(20);
    chain.updateNeuron(1, { hotkey: "carol", registeredAtBlock: 30 });
    chain.failNext("getMetagraph");
    expect(await setter.step(force, signal)).toMatchObject({ kind: "failed" });
    expect(chain.weightsRecords).toHaveLength(1);
  });

  it("gives nothing to a uid that changes hands between the decision and the call, and says so", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    const setWeights = chain.setWeights.bind(chain);
    chain.updateHyperparameters({ minAllowedWeights: 2 });
    chain.setWeights = (request, options) => {
      chain.updateHyperparameters({ minAllowedWeights: 1 });
      chain.updateNeuron(1, { hotkey: "carol" });
      return setWeights(request, options);
    };
    const { setter, logger } = setUp(chain, store);
    expect(await setter.step(force, signal)).toMatchObject({ kind: "set" });
    expect(chain.weightsRecords[0]?.weights.map(({ uid }) => uid)).toEqual([2]);
    expect(logger.lines).toContainEqual(
      expect.objectContaining({ level: "warn", message: "Weights of uids that changed hands were left out", facts: { uids: [1] } }),
    );
  });

  it("repeats the last good weights after too long a silence, without the uids that changed hands", async () => {
    const chain = aChain();
    const store = createMemoryStore();
    const weights = [
      { uid: 1, weightU16: 65_535 },
      { uid: 2, weightU16: 30_000 },
    ];
    await store.beginWeightSet({ netuid: 1, epochBlock: 21, weights, nowMs: 0, staleAfterMs: 1 });
    await store.finishWeightSet({ netuid: 1, epochBlock: 21, state: "set", includedAtBlock: 20, detail: null });
    chain.updateNeuron(2, { hotkey: "carol", registeredAtBlock: 22 });
    expect(await setUp(chain, store, { maxSilenceBlocks: 1_000 }).setter.step(force, signal)).toMatchObject({ kind: "skipped" });
    expect(await setUp(chain, store, { maxSilenceBlocks: 10 }).setter.step(force, signal)).toMatchObject({ kind: "set" });
    expect(chain.weightsRecords[0]?.weights).toEqual([{ uid: 1, weightU16: 65_535 }]);
  });

  it("left weights of a killed process as submitting for ever: they are looked up on the chain and settled", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    const weights = [{ uid: 1, weightU16: 65_535 }];
    for (const epochBlock of [20, 40]) await store.beginWeightSet({ netuid: 1, epochBlock, weights, nowMs: 0, staleAfterMs: 1 });
    // The second one was in a block when its process was killed.
    chain.updateNeuron(0, { lastUpdateBlock: 24 });
    expect((await setUp(chain, store).setter.step(force, signal)).kind).not.toBe("failed");
    expect(await store.getSubmittingWeightSets(1)).toEqual([]);
    expect(await store.getLastWeightSet(1)).toMatchObject({ epochBlock: 40, state: "set", includedAtBlock: 24 });
    expect(chain.weightsRecords).toEqual([]);
  });

  it("fills up to the number of weights that a subnet demands with the smallest there is", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    chain.updateHyperparameters({ minAllowedWeights: 2 });
    expect(await setUp(chain, store).setter.step(force, signal)).toMatchObject({ kind: "set" });
    expect(chain.weightsRecords[0]?.weights).toEqual([
      { uid: 1, weightU16: 65_535 },
      { uid: 2, weightU16: 1 },
    ]);
  });

  it("does not try without a registration or a permit", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    chain.updateNeuron(0, { hasValidatorPermit: false });
    expect(await setUp(chain, store).setter.step(force, signal)).toMatchObject({ reason: "this hotkey has no validator permit" });
    chain.updateNeuron(0, { hotkey: "somebody" });
    expect(await setUp(chain, store).setter.step(force, signal)).toMatchObject({ reason: "this hotkey is not registered" });
  });

  it("waits for the end of the epoch, tries again after a failure, and sets once in each epoch", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    const { setter, clock, metrics } = setUp(chain, store, { leadBlocks: 6 });
    const stop = new AbortController();
    const running = setter.run(stop.signal).catch(() => undefined);
    const rejection = new ChainError({ code: "CHAIN_REJECTED", message: "pool is full", isRetryable: true });
    chain.failNext("setWeights", rejection);
    for (let block = 0; block < 45; block += 1) {
      chain.advance(1);
      await settle();
      await clock.advance(12_000);
    }
    stop.abort();
    await running;
    expect(metrics.values.get("weightsFailedTotal")).toBe(1);
    const blocks = chain.weightsRecords.map(({ blockNumber }) => blockNumber);
    expect(blocks.length).toBeGreaterThanOrEqual(2);
    for (const block of blocks) expect({ block, isLate: block % 20 >= 20 - 6 || block % 20 === 0 }).toEqual({ block, isLate: true });
  });

  it("keeps trying while the chain is away and sets when it is back", async () => {
    const [chain, store] = [aChain(), await aRecord()];
    const { setter, clock, logger } = setUp(chain, store, { leadBlocks: 19 });
    const stop = new AbortController();
    const running = setter.run(stop.signal).catch(() => undefined);
    chain.setUnreachable(true);
    await clock.advance(120_000);
    expect(chain.weightsRecords).toEqual([]);
    chain.setUnreachable(false);
    for (let block = 0; block < 20; block += 1) {
      chain.advance(1);
      await clock.advance(12_000);
    }
    stop.abort();
    await running;
    expect(chain.weightsRecords.length).toBeGreaterThan(0);
    expect(logger.lines.filter(({ message }) => message.startsWith("A dependency does not work"))).toHaveLength(1);
  });
});

describe("weights for the chain", () => {
  it("are a function of the report alone: scoring the same record again gives the same weights", async () => {
    const store = await aRecord();
    const series = await store.getSeries({ fromPeriod: 0, samplesPerSeries: 10, isOpenPeriodIncluded: false });
    const observations = { period: 1, periodsPerHour: 1, taskWeights: { "chat-tiny": 1 }, targets: {}, series };
    expect(scoreEpoch(observations, VISION)).toEqual(scoreEpoch({ ...observations, series: [...series].reverse() }, VISION));
  });
});
