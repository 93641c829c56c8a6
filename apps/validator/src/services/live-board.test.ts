import { describe, expect, it } from "@jest/globals";
import { createFakeChain } from "@vision/chain/testing";
import { chainReportSchema, createRegistry, liveReportSchema } from "@vision/protocol";
import { createPeriodProgress } from "../domain/period-progress.js";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { createMemoryStore } from "../testing/memory-store.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { aPeriod, aPeriodReport, aProbe, aResult } from "../testing/store-samples.js";
import { createDependencyGuard } from "./dependency-guard.js";
import { createLiveBoard } from "./live-board.js";
import { createMetagraphSync } from "./metagraph-sync.js";

const weights = [{ uid: 1, weightU16: 65_535 }];

function setUp() {
  const [clock, logger, metrics, store] = [createManualClock(), recordingLogger(), createRecordingMetrics(), createMemoryStore()];
  const chain = createFakeChain({
    netuid: 1,
    neurons: [{ hotkey: "validator", hasValidatorPermit: true, stakeRao: 10n ** 19n }, { hotkey: "alice" }],
    hyperparameters: { tempoBlocks: 20 },
    blockNumber: 25,
  });
  const guard = createDependencyGuard({ clock, logger, metrics });
  const metagraph = createMetagraphSync(
    { netuid: 1, ownHotkey: "validator", arePrivateEndpointsAllowed: true },
    { chain, guard, logger, metrics },
  );
  const progress = createPeriodProgress(aPeriod(7), [aProbe({ hotkey: "alice" }), aProbe({ hotkey: "bob" })]);
  const board = createLiveBoard(
    { netuid: 1, validatorHotkey: "validator" },
    {
      ...{ chain, metagraph, store, guard, clock, logger },
      routing: { registry: () => createRegistry(), candidates: () => [] },
      intake: { current: () => progress },
      reporter: { latest: () => aPeriodReport(6) },
      reveals: { pending: () => [{ epochBlock: 40, includedAtBlock: 20, revealBlock: 41, weights }] },
    },
  );
  const stop = new AbortController();
  const running = board.run(stop.signal).catch(() => undefined);
  const end = async () => {
    stop.abort();
    await running;
  };
  return { chain, clock, store, progress, board, end };
}

describe("createLiveBoard", () => {
  it("counts the running period over all miners, and never tells a user's request from a probe", async () => {
    const { progress, board, end } = setUp();
    const before = liveReportSchema.parse(board.live());
    progress.noteResult(aResult("one", { hotkey: "alice", period: 7, isOrganic: true }));
    progress.noteResult(aResult("two", { hotkey: "bob", period: 7, isOrganic: false, outcome: "failed", blame: "miner" }));
    const live = liveReportSchema.parse(board.live());
    expect(before.period).toMatchObject({ period: 7, requests: 0 });
    expect(live).toMatchObject({ reportedPeriod: 6, period: { requests: 2, okCount: 1, rateLimitedCount: 0, failedCount: 1 } });
    expect(JSON.stringify(live)).not.toMatch(/organic|synthetic|alice|bob/i);
    await end();
  });

  it("reads the subnet, what was set and whether the chain holds it, and keeps that while the chain is away", async () => {
    const { chain, clock, store, board, end } = setUp();
    await settle(20);
    expect(chainReportSchema.parse(board.chain())).toMatchObject({
      ...{ validatorUid: 0, weights: [], lastSet: null, nextEpochBlock: 40 },
      pendingCommits: [{ includedAtBlock: 20, revealBlock: 41 }],
      votes: { ballots: [{ hotkey: "validator", stakeRao: String(10n ** 19n), source: "default" }] },
      neurons: [
        { uid: 0, hotkey: "validator", validatorTrustFraction: 0 },
        { uid: 1, hotkey: "alice" },
      ],
    });
    expect(board.live().chain).toMatchObject({ isConnected: true, blockNumber: 25, areWeightsReadBack: null });

    const key = { netuid: 1, epochBlock: 40 };
    await store.beginWeightSet({ ...key, weights, nowMs: clock.nowMs(), staleAfterMs: 1 });
    await store.finishWeightSet({ ...key, state: "set", includedAtBlock: 26, detail: null });
    await clock.advance(30_000);
    expect(board.live().chain).toMatchObject({ weightsSetAtBlock: 26, areWeightsReadBack: false });

    const signer = { address: "validator", publicKey: new Uint8Array(32), sign: () => new Uint8Array(64) };
    await chain.setWeights({ netuid: 1, weights: [{ uid: 1, hotkey: "alice", weightU16: 65_535 }], versionKey: 0n, signer });
    await clock.advance(30_000);
    expect(board.live().chain.areWeightsReadBack).toBe(true);

    chain.setUnreachable(true);
    await clock.advance(60_000);
    expect(board.chain()?.lastSet?.isReadBack).toBe(true);
    await end();
  });
});
