import { describe, expect, it } from "@jest/globals";
import type { Neuron } from "@vision/chain";
import { createFakeChain } from "@vision/chain/testing";
import { changeRegistry, createRegistry, enabledTasks, periodReportSchema } from "@vision/protocol";
import { type Verdict, VISION } from "@vision/scoring";
import { defaultCheckParams, defaultProbingParams, type ProbingParams, planProbes } from "@vision/scoring/probing";
import { createInProcessLedger } from "./adapters/ledger-in-process.js";
import { type Core, createCore } from "./create-core.js";
import { defaultWeightParams } from "./domain/weight-params.js";
import type { NextTasks, Reference, ResultsSpool, SpooledResult, TaskSource } from "./ports/index.js";
import { createMinerReader } from "./services/miner-reader.js";
import { createFakeMinerClient, type FakeMinerBehaviour } from "./testing/fake-miner-client.js";
import { createManualClock, type ManualClock, settle } from "./testing/manual-clock.js";
import { createMemoryStore, type MemoryStore } from "./testing/memory-store.js";
import { recordingLogger, warningsOf } from "./testing/recording-logger.js";
import { createRecordingMetrics } from "./testing/recording-metrics.js";
import { aResult } from "./testing/store-samples.js";

const periodMs = 60_000;
const validator = "validator";
const everyTask = { "chat-tiny": 60_000, "completion-tiny": 60_000, "image-tiny": 6_000 };

function aReference(judge: (hotkeyless: string) => Verdict = () => ({ kind: "judged", qualityFraction: 1, reasons: [] })): Reference {
  return { canCheck: () => true, check: async ({ task }) => judge(task.id), close: async () => undefined };
}

function neurons(hotkeys: readonly string[]): readonly (Partial<Neuron> & Pick<Neuron, "hotkey">)[] {
  return [
    { hotkey: validator, hasValidatorPermit: true, stakeRao: 10n ** 12n },
    ...hotkeys.map((hotkey, index) => ({ hotkey, endpoint: { host: "127.0.0.2", port: 9_000 + index } })),
  ];
}

type Setup = {
  readonly miners: Readonly<Record<string, FakeMinerBehaviour>>;
  readonly reference?: Reference;
  readonly store?: MemoryStore;
  readonly clock?: ManualClock;
  readonly seed?: string;
  readonly blockNumber?: number;
  readonly spool?: ResultsSpool;
  readonly tasks?: TaskSource;
  readonly probing?: Partial<ProbingParams>;
  /** Conversations that are written of each task. */
  readonly written?: number;
  /** Whether answers are checked here; yes if left out. */
  readonly isOwn?: boolean;
};

function setUp(setup: Setup) {
  const { miners, reference = aReference(), store = createMemoryStore(), clock = createManualClock(), seed = "a", spool } = setup;
  const { blockNumber = 1 } = setup;
  const chain = createFakeChain({ netuid: 1, neurons: neurons(Object.keys(miners)), hyperparameters: { tempoBlocks: 20 }, blockNumber });
  const client = createFakeMinerClient(new Map(Object.entries(miners)), clock);
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  let seeds = 0;
  let ids = 0;
  const core = createCore(
    {
      version: "1.0.0",
      netuid: 1,
      arePrivateEndpointsAllowed: true,
      probing: { ...defaultProbingParams, periodMs, shareFloor: [{ capacityRequests: 0, fraction: 0.5 }], ...setup.probing },
      ...(setup.written === undefined ? {} : { writtenRequests: { perTask: setup.written, keptMs: 3_600_000 } }),
      checks: { ...defaultCheckParams, isOwn: setup.isOwn ?? true, targetPerMinerTaskPeriod: 100 },
      weights: defaultWeightParams,
      scoring: VISION,
      retentionPeriods: 200,
      registry: createRegistry(),
      taskWeights: { kind: "config", shares: { "chat-tiny": 1, "completion-tiny": 1, "image-tiny": 1 } },
    },
    {
      chain,
      store,
      reader: createMinerReader({ client, clock, logger, onStandstill: () => undefined }),
      reference,
      ledger: createInProcessLedger(),
      signer: { address: validator, publicKey: new Uint8Array(32), sign: () => new Uint8Array(64) },
      promptCounter: { count: async () => ({ kind: "unknown" }) },
      clock,
      logger,
      metrics,
      ...(spool === undefined ? {} : { spool }),
      ...(setup.tasks === undefined ? {} : { tasks: { ...setup.tasks, name: "tasks", run: async () => undefined } }),
      randomSeed: () => `${seed}-${seeds++}`,
      newId: () => `${seed}-${ids++}`,
    },
  );
  const stop = new AbortController();
  return { core, chain, client, logger, metrics, store, clock, stop };
}

async function runFor(core: Core, { clock, stop }: { clock: ManualClock; stop: AbortController }, durationMs: number): Promise<void> {
  const running = core.run(stop.signal);
  await clock.advance(durationMs);
  stop.abort();
  await running;
}

describe("createCore", () => {
  it("probes every miner at every task, scores the period and publishes a report that fits its schema", async () => {
    const miners = { alice: { capacities: everyTask }, bob: { capacities: everyTask, durationMs: 3_000 } };
    const setup = setUp({ miners });
    await runFor(setup.core, setup, periodMs * 2 + 5_000);

    const report = setup.core.reporter.latest();
    expect(periodReportSchema.parse(report)).toEqual(report);
    expect(report?.period).toBe(2);
    expect(report?.miners.map(({ hotkey }) => hotkey)).toEqual(["alice", "bob"]);
    for (const miner of report?.miners ?? []) {
      expect(miner.tasks.map(({ taskId }) => taskId)).toEqual(["chat-tiny", "completion-tiny", "image-tiny"]);
      for (const task of miner.tasks) {
        expect({ task: task.taskId, failed: task.failedCount, score: task.periodScore }).toEqual({
          task: task.taskId,
          failed: 0,
          score: 1,
        });
        expect(task.okCount).toBeGreaterThan(3);
        expect(task.sampleCount).toBeGreaterThan(3);
      }
    }
    expect(report?.miners[0]?.weight).toBeGreaterThan(report?.miners[1]?.weight ?? 1);
    expect(setup.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("asks miners for what the tasks' own models wrote, from the first period on", async () => {
    const story = "There once was a lighthouse keeper who counted every ship that came by, and wrote their names into a book.";
    let count = 0;
    const reference: Reference = {
      ...aReference(),
      write: async () => ({ kind: "written", text: `${story} ${++count} of them sank.`, isEnded: true }),
    };
    const setup = setUp({ miners: { alice: { capacities: everyTask } }, reference, written: 150 });
    await runFor(setup.core, setup, periodMs * 2);
    const sentOf = (from: number, to: number) =>
      setup.client.sent
        .filter(({ task, atMs }) => task.id === "chat-tiny" && atMs >= from && atMs < to)
        .map(({ request }) => JSON.stringify(request));
    const startMs = setup.client.sent[0]?.atMs ?? 0;
    const [first, second] = [sentOf(startMs, startMs + periodMs), sentOf(startMs + periodMs, startMs + 2 * periodMs)];
    expect(first.filter((text) => text.includes("lighthouse")).length).toBeGreaterThan(0);
    expect(second.length).toBeGreaterThan(5);
    expect(second.filter((text) => text.includes("lighthouse")).length).toBeGreaterThan(second.length / 3);
    // Nothing is written unless it is to be, nor where answers are checked elsewhere.
    for (const how of [{}, { written: 150, isOwn: false }]) {
      const none = setUp({ miners: { alice: { capacities: everyTask } }, reference, ...how });
      await runFor(none.core, none, periodMs);
      expect(none.client.sent.filter(({ request }) => JSON.stringify(request).includes("lighthouse"))).toEqual([]);
    }
  });

  it("sends its requests with gaps like those of the users of the period before", async () => {
    const small = {
      shareBands: [{ probability: 1, from: 0.02, to: 0.02 }] as const,
      shareFloor: [],
      bigDraws: { ...defaultProbingParams.bigDraws, probabilityPerHour: 0, untriedProbabilityPerHour: 0 },
    };
    const gapsWith = async (isOrganic: boolean) => {
      const setup = setUp({ miners: { alice: { capacities: { "chat-tiny": 400_000_000 } } }, probing: small });
      const task = createRegistry().get("chat-tiny");
      const running = setup.core.run(setup.stop.signal);
      await setup.clock.advance(1_000);
      // Bursts of ten users at once, three seconds between them.
      for (let burst = 0; burst < 12; burst += 1) {
        for (let user = 0; user < 10; user += 1) {
          const request = { model: "chat-tiny", messages: [{ role: "user", content: "Hi" }], max_tokens: 1, seed: 1 };
          if (task !== undefined)
            void setup.core.exchange.run({
              target: { hotkey: "alice", host: "127.0.0.2", port: 9_000 },
              task,
              request,
              isOrganic,
              signal: setup.stop.signal,
            });
          await setup.clock.advance(2);
        }
        await setup.clock.advance(3_000);
      }
      const before = setup.client.sent.length;
      await setup.clock.advance(2 * periodMs - 1_000 - 12 * 3_020);
      setup.stop.abort();
      await running;
      const times = setup.client.sent.slice(before).map(({ atMs }) => atMs);
      const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs));
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      return { count: gaps.length, short: gaps.filter((gap) => gap < mean / 16).length / gaps.length };
    };
    const [withUsers, without] = [await gapsWith(true), await gapsWith(false)];
    expect(without.count).toBeGreaterThan(50);
    expect(withUsers.short).toBeGreaterThan(1.5 * without.short);
  });

  it("publishes all that is needed to draw the period's plan again", async () => {
    const setup = setUp({ miners: { alice: { capacities: everyTask }, bob: { capacities: { "image-tiny": 900 } } } });
    await runFor(setup.core, setup, periodMs + 5_000);
    const report = setup.core.reporter.latest();
    const published = report?.miners.flatMap(({ hotkey, tasks }) => tasks.map((task) => ({ hotkey, ...task }))) ?? [];
    const [firstBand, ...otherBands] = report?.plan.shareBands ?? [];
    if (report === null || firstBand === undefined) throw new Error("no plan");
    const drawn = planProbes({
      capacities: published.map(({ hotkey, taskId, declaredCapacityPerHour }) => ({
        hotkey,
        taskId,
        capacityPerHour: declaredCapacityPerHour,
      })),
      registry: createRegistry(),
      params: { ...defaultProbingParams, ...report.plan, bigDraws: defaultProbingParams.bigDraws, shareBands: [firstBand, ...otherBands] },
      seed: report.seed,
      commonSeed: report.commonSeed ?? "",
    });
    expect(published).toHaveLength(4);
    expect(published).toMatchObject(drawn);
    expect(report.evidenceParams).toEqual(VISION.evidence);
  });

  it("began its periods when it was started, so that the hours of two validators did not meet: they end together, with one seed", async () => {
    const miners = { alice: { capacities: everyTask } };
    const startMs = 1_700_002_800_000;
    const periodsOf = async (lateMs: number) => {
      // Blocks for a long time to come: each hour has its own.
      const setup = setUp({ miners, clock: createManualClock(startMs + lateMs), seed: String(lateMs), blockNumber: 200_000_000 });
      await runFor(setup.core, setup, 2.5 * periodMs - lateMs);
      const reports = await Promise.all([1, 2].map((period) => setup.store.getPeriodReport(period)));
      const open = await setup.store.getOpenPeriod();
      return [...reports, open].map((each) =>
        each === null ? null : [each.startsAtMs - startMs, each.endsAtMs - startMs, each.commonSeed],
      );
    };
    const punctual = await periodsOf(0);
    expect(punctual.map((each) => each?.slice(0, 2))).toEqual([
      [0, periodMs],
      [periodMs, 2 * periodMs],
      [2 * periodMs, 3 * periodMs],
    ]);
    expect(new Set(punctual.map((each) => each?.[2])).size).toBe(3);
    const late = await periodsOf(20_000);
    expect(late[0]?.slice(0, 2)).toEqual([20_000, periodMs]);
    expect(late.map((each) => each?.[2])).toEqual(punctual.map((each) => each?.[2]));
    expect(late.slice(1)).toEqual(punctual.slice(1));
    // Twenty seconds would be too few for anything: the first period goes on to the end of the next one.
    const later = await periodsOf(40_000);
    expect(later).toEqual([[40_000, 2 * periodMs, punctual[0]?.[2]], null, punctual[2]]);
  });

  it("tries as much of a capacity per hour in a period that is shorter", async () => {
    const setup = setUp({ miners: { alice: { capacities: everyTask } }, clock: createManualClock(1_700_002_800_000 + 20_000) });
    await runFor(setup.core, setup, 40_000 + 5_000);
    const report = setup.core.reporter.latest();
    expect((report?.endsAtMs ?? 0) - (report?.startsAtMs ?? 0)).toBe(40_000);
    for (const { taskId, declaredCapacityPerHour, plannedUnits, triedFraction, periodScore } of report?.miners[0]?.tasks ?? []) {
      const periodUnits = (declaredCapacityPerHour * 40) / 3_600;
      expect({ taskId, share: plannedUnits / periodUnits }).toEqual({ taskId, share: triedFraction });
      expect(triedFraction).toBeGreaterThan(0.4);
      expect({ taskId, periodScore }).toEqual({ taskId, periodScore: 1 });
    }
  });

  it("excused what a slow miner's own answers kept out of its plan: it counts as refused, and scores are made of it", async () => {
    // A plan of dozens of requests, whichever are drawn: at 20 s each only a few of them fit into its slots.
    const capacities = { "chat-tiny": 240_000, "completion-tiny": 240_000, "image-tiny": 24_000 };
    const slow = setUp({ miners: { alice: { capacities }, bob: { capacities, durationMs: 20_000 } } });
    await runFor(slow.core, slow, 2 * periodMs - 5_000);
    const report = slow.core.reporter.latest();
    const sums = Object.fromEntries(
      (report?.miners ?? []).map(({ hotkey, tasks }) => {
        const sum = (name: "unsentRequests" | "rateLimitedCount") => tasks.reduce((total, task) => total + task[name], 0);
        return [
          hotkey,
          {
            unsent: sum("unsentRequests"),
            refused: sum("rateLimitedCount"),
            worst: Math.min(...tasks.map((task) => task.periodScore ?? 1)),
          },
        ];
      }),
    );
    expect(sums["alice"]).toEqual({ unsent: 0, refused: 0, worst: 1 });
    expect(sums["bob"]?.unsent).toBeGreaterThan(0);
    expect(sums["bob"]?.refused).toBeGreaterThan(0);
    expect(sums["bob"]?.worst).toBeLessThan(0.9);
    const record = [...slow.store.results.values()].find(({ outcome }) => outcome === "rateLimited");
    expect(record?.reason).toMatch(/planned requests were kept out by answers slower than the target/);
  });

  it("keeps one miner's hostile capacities from touching the others: their plan is the same without it", async () => {
    const honest = { alice: { capacities: everyTask }, bob: { capacities: everyTask } };
    const hostile: Readonly<Record<string, unknown>>[] = [
      { "chat-tiny": Number.NaN, "completion-tiny": Number.POSITIVE_INFINITY, "image-tiny": -5 },
      { "chat-tiny": "1e9", "completion-tiny": null, "image-tiny": { valueOf: 3 } },
    ];
    const alone = setUp({ miners: honest });
    await runFor(alone.core, alone, 1_000);
    const beside = setUp({
      miners: {
        ...honest,
        nan: { capacities: hostile[0] ?? {} },
        text: { capacities: hostile[1] ?? {} },
        dead: { capacities: new Error("gone") },
      },
    });
    await runFor(beside.core, beside, 1_000);

    const plan = async (store: MemoryStore) => (await store.getOpenPeriod())?.probes;
    const withoutHostile = await plan(alone.store);
    expect(withoutHostile).toHaveLength(6);
    expect(await plan(beside.store)).toEqual(withoutHostile);
  });

  it("continues an open period after a crash with what was recorded, and never sends a request twice", async () => {
    const miners = { alice: { capacities: everyTask } };
    const before = setUp({ miners, seed: "first" });
    await runFor(before.core, before, periodMs / 2);
    const recorded = await before.store.getOpenPeriod();
    expect(recorded?.probes[0]?.requests).toBeGreaterThan(0);

    const after = setUp({ miners, store: before.store, clock: before.clock, seed: "second" });
    await runFor(after.core, after, periodMs / 2 - 1_000);
    const resumed = await after.store.getOpenPeriod();
    expect(resumed?.period).toBe(recorded?.period);
    for (const probe of resumed?.probes ?? []) {
      const earlier = recorded?.probes.find((each) => each.taskId === probe.taskId);
      expect(probe.requests).toBeGreaterThan(earlier?.requests ?? 0);
      expect(probe.attemptedUnits).toBeLessThanOrEqual(probe.plannedUnits + 64);
    }
    const bodies = [...before.client.sent, ...after.client.sent].map(({ request }) => JSON.stringify(request));
    expect(new Set(bodies).size).toBe(bodies.length);
  });

  it("still has the newest report after a restart, and scores a period whose end it was not there for", async () => {
    const miners = { alice: { capacities: everyTask } };
    const before = setUp({ miners, seed: "first" });
    await runFor(before.core, before, periodMs + periodMs / 2);
    const reported = before.core.reporter.latest();
    expect(reported?.period).toBe(1);

    await before.clock.advance(periodMs);
    const after = setUp({ miners, store: before.store, clock: before.clock, seed: "second" });
    const running = after.core.run(after.stop.signal);
    const published: number[] = [];
    after.core.reporter.onReport(({ period }) => published.push(period));
    await settle();
    expect(after.core.reporter.latest()).toEqual(reported);
    await after.clock.advance(10_000);
    after.stop.abort();
    await running;
    expect(published).toEqual([2]);
    expect(await after.store.getPeriodReport(1)).toEqual(reported);
    expect((await after.store.getPeriodReport(2))?.miners[0]?.tasks[0]?.requests).toBeGreaterThan(0);
  });

  it("rides out an outage of the store: nothing recorded is lost, one warning, the metric goes down and up", async () => {
    const setup = setUp({ miners: { alice: { capacities: everyTask } } });
    const running = setup.core.run(setup.stop.signal);
    await setup.clock.advance(10_000);
    setup.store.setUnreachable(true);
    await setup.clock.advance(20_000);
    expect(setup.metrics.values.get('dependencyUp {"dependency":"store"}')).toBe(0);
    setup.store.setUnreachable(false);
    await setup.clock.advance(20_000);
    expect(setup.metrics.values.get('dependencyUp {"dependency":"store"}')).toBe(1);
    setup.stop.abort();
    await running;
    expect(setup.store.results.size).toBe(setup.client.sent.length);
    expect(warningsOf(setup.logger)).toHaveLength(1);
  });

  it("a suspended validator blamed what timed out meanwhile on the miners: it counts against nobody", async () => {
    const manual = createManualClock();
    let suspendedMs = 0;
    const clock: ManualClock = { ...manual, nowMs: () => manual.nowMs() + suspendedMs };
    let isFailing = false;
    const behaviour: FakeMinerBehaviour = {
      capacities: everyTask,
      durationMs: 3_000,
      answer: () =>
        isFailing
          ? { kind: "failed", blame: "miner", stage: "time", reason: "no complete answer within 15000 ms" }
          : { kind: "ok", tokens: ["The", " end", "."] },
    };
    const setup = setUp({ miners: { alice: behaviour, bob: behaviour }, clock });
    const running = setup.core.run(setup.stop.signal);
    await clock.advance(10_500);
    suspendedMs = 20_000;
    isFailing = true;
    await clock.advance(2_900);
    isFailing = false;
    await clock.advance(10_000);
    setup.stop.abort();
    await running;
    const failed = [...setup.store.results.values()].filter(({ outcome, reason }) => outcome === "failed" && reason !== "cancelled");
    expect(failed.length).toBeGreaterThan(0);
    expect(new Set(failed.map(({ blame }) => blame))).toEqual(new Set(["validator"]));
  });

  it("one miner that hangs when asked for its capacities delayed everybody's next period: it opens on time", async () => {
    let isHanging = false;
    const bob: FakeMinerBehaviour = {
      capacities: everyTask,
      // Whoever answers requests is not away.
      answer: () =>
        isHanging
          ? { kind: "failed", blame: "miner", stage: "time", reason: "no complete answer within 15000 ms" }
          : { kind: "ok", tokens: ["The", " end", "."] },
    };
    const setup = setUp({ miners: { alice: { capacities: everyTask }, bob } });
    const { getCapacities } = setup.client;
    const hanging: typeof getCapacities = async (target, request, options) =>
      isHanging && target.hotkey === "bob" ? new Promise(() => undefined) : getCapacities(target, request, options);
    Object.assign(setup.client, { getCapacities: hanging });
    const startsAtMs: number[] = [];
    setup.core.onPeriodStarted(() => startsAtMs.push(setup.clock.nowMs()));
    const running = setup.core.run(setup.stop.signal);
    await setup.clock.advance(10_000);
    isHanging = true;
    await setup.clock.advance(periodMs);
    setup.stop.abort();
    await running;
    // Whoever sleeps for less than a millisecond more may wake while the period opens.
    expect(Math.floor((startsAtMs[1] ?? 0) - (startsAtMs[0] ?? 0))).toBe(periodMs);
    expect((await setup.store.getOpenPeriod())?.probes.map(({ hotkey }) => hotkey)).toEqual(["alice", "alice", "alice"]);
  });

  it("an offline validator made all its miners fail: an outage of its own costs nobody anything", async () => {
    const hotkeys = ["a", "b", "c", "d", "e", "f"];
    let isOffline = false;
    const behaviour: FakeMinerBehaviour = {
      get capacities() {
        return isOffline ? new Error("unreachable") : everyTask;
      },
      answer: () =>
        isOffline
          ? { kind: "failed", stage: "connection", blame: "miner", reason: "reworded" }
          : { kind: "ok", tokens: ["The", " end", "."] },
    };
    const setup = setUp({ miners: Object.fromEntries(hotkeys.map((hotkey) => [hotkey, behaviour])) });
    const running = setup.core.run(setup.stop.signal);
    await setup.clock.advance(10_000);
    isOffline = true;
    const before = setup.client.sent.length;
    await setup.clock.advance(20_000);
    expect(setup.metrics.values.get('dependencyUp {"dependency":"network"}')).toBe(0);
    expect(setup.client.sent.length - before).toBeLessThan(60);
    isOffline = false;
    await setup.clock.advance(periodMs - 30_000 + 5_000);
    setup.stop.abort();
    await running;
    const report = setup.core.reporter.latest();
    expect(report?.miners.map(({ hotkey }) => hotkey).sort()).toEqual(hotkeys);
    for (const { hotkey, tasks } of report?.miners ?? []) {
      for (const { taskId, failedCount, periodScore } of tasks) {
        expect({ hotkey, taskId, failedCount, periodScore }).toEqual({ hotkey, taskId, failedCount: 0, periodScore: 1 });
      }
    }
    expect(setup.metrics.values.get('dependencyUp {"dependency":"network"}')).toBe(1);
    expect(warningsOf(setup.logger)).toHaveLength(1);
  });

  it("pauses checks while the reference is away and judges everything afterwards", async () => {
    let isAway = true;
    const reference = aReference(() => {
      if (isAway) throw new Error("out of memory");
      return { kind: "judged", qualityFraction: 0.5, reasons: ["odd"] };
    });
    const setup = setUp({ miners: { alice: { capacities: everyTask } }, reference });
    const running = setup.core.run(setup.stop.signal);
    await setup.clock.advance(20_000);
    expect(setup.metrics.values.get('dependencyUp {"dependency":"reference"}')).toBe(0);
    expect(setup.store.samples.size).toBe(0);
    expect(await setup.store.countPendingChecks()).toBeGreaterThan(0);
    isAway = false;
    await setup.clock.advance(70_000);
    setup.stop.abort();
    await running;
    expect(setup.store.samples.size).toBeGreaterThan(0);
    expect(setup.metrics.values.get('dependencyUp {"dependency":"reference"}')).toBe(1);
    expect(warningsOf(setup.logger)).toHaveLength(1);
  });

  it("sets weights once per epoch, in favour of the better miner, and the chain holds them", async () => {
    const broken: FakeMinerBehaviour = { capacities: everyTask, answer: () => ({ kind: "failed", blame: "miner" }) };
    const setup = setUp({ miners: { alice: { capacities: everyTask }, bob: broken } });
    const running = setup.core.run(setup.stop.signal);
    for (let block = 0; block < 60; block += 1) {
      await setup.clock.advance(4_000);
      setup.chain.advance(1);
      await settle();
    }
    setup.stop.abort();
    await running;
    const records = setup.chain.weightsRecords;
    expect(records.length).toBeGreaterThanOrEqual(2);
    expect(records.at(-1)?.weights).toEqual([{ uid: 1, weightU16: 65_535 }]);
    const epochs = records.map(({ blockNumber }) => Math.floor(blockNumber / 20));
    expect(new Set(epochs).size).toBe(epochs.length);
  });

  it("lost the report of a period at a restart: what is closed and not reported is scored and published at the start", async () => {
    const store = createMemoryStore();
    const clock = createManualClock();
    const seconds = (count: number) => clock.nowMs() + count * 1_000;
    const seed = "0".repeat(64);
    const probe = { hotkey: "alice", taskId: "chat-tiny", declaredCapacityPerHour: 60_000, triedFraction: 0.5 };
    const plan = [{ ...probe, plannedUnits: 500, plannedRequests: 10 }];
    await store.switchPeriod({ period: 1, startsAtMs: seconds(-130), endsAtMs: seconds(-70), seed, commonSeed: "common" }, plan);
    await store.recordResults([aResult("early")], []);
    await store.switchPeriod({ period: 2, startsAtMs: seconds(-70), endsAtMs: seconds(-10), seed, commonSeed: "common" }, plan);
    await store.switchPeriod({ period: 3, startsAtMs: seconds(-10), endsAtMs: seconds(50), seed, commonSeed: "common" }, plan);
    const setup = setUp({ miners: { alice: { capacities: everyTask } }, store, clock });
    await runFor(setup.core, setup, 1_000);
    expect((await store.getPeriodReport(1))?.miners[0]?.tasks).toMatchObject([{ requests: 1, okCount: 1, plannedRequests: 10 }]);
    expect((await store.getPeriodReport(1))?.miners[0]?.uid).toBe(1);
    expect(await store.getEpoch(2)).toMatchObject({ period: 2 });
    expect(setup.core.reporter.latest()?.period).toBe(2);
  });

  it("published a report smaller than the tallies when answers came late: it is made anew", async () => {
    const setup = setUp({ miners: { alice: { capacities: everyTask } } });
    const running = setup.core.run(setup.stop.signal);
    await setup.clock.advance(periodMs + 5_000);
    const requestsOf = async () =>
      (await setup.store.getPeriodReport(1))?.miners[0]?.tasks.find(({ taskId }) => taskId === "chat-tiny")?.requests ?? 0;
    const before = await requestsOf();
    expect(before).toBeGreaterThan(0);
    await setup.store.recordResults([aResult("late")], []);
    await setup.clock.advance(periodMs);
    expect(await requestsOf()).toBe(before + 1);
    setup.stop.abort();
    await running;
  });

  it("jumped by 120 periods, and deleted the record, when the machine's clock was set: numbers go by the time that has passed", async () => {
    const setup = setUp({ miners: { alice: { capacities: everyTask } } });
    const numbers: number[] = [];
    setup.core.onPeriodStarted((period) => numbers.push(period));
    const running = setup.core.run(setup.stop.signal);
    await setup.clock.advance(periodMs / 2);
    setup.clock.stepWall(8 * 24 * 3_600_000);
    await setup.clock.advance(periodMs);
    setup.clock.stepWall(-(8 * 24 * 3_600_000 + 600_000));
    await setup.clock.advance(periodMs);
    setup.clock.stepWall(600_000);
    await setup.clock.advance(2 * periodMs);
    setup.stop.abort();
    await running;
    expect(numbers).toEqual([1, 2, 3, 4, 5]);
    expect(await setup.store.getPeriodReport(1)).not.toBeNull();
    const warnings = setup.logger.lines.filter(({ message }) => message.startsWith("This machine's clock disagrees"));
    expect(warnings).toMatchObject([{ level: "warn" }]);
  });

  it("deleted what users share, when the machine's clock was set ahead: it is as old as the time that has passed", async () => {
    const setup = setUp({ miners: { alice: { capacities: everyTask } } });
    const by = { who: "the operator", nowMs: 1, name: "one", prefix: "vsn-", sha256Hex: "00", sharesRequests: true };
    await setup.store.createApiKey({ ...by, id: "one", requestsPerMinute: 1, tokensPerMinute: null, concurrentRequests: 1 });
    const request = { messages: [{ role: "user", content: "hi" }] };
    await setup.store.addSharedRequests([{ taskId: "chat-tiny", keyId: "one", hotkeys: [], atMs: setup.clock.nowMs(), request }]);
    const running = setup.core.run(setup.stop.signal);
    await setup.clock.advance(periodMs);
    setup.clock.stepWall(365 * 24 * 3_600_000);
    await setup.clock.advance(11 * periodMs);
    setup.stop.abort();
    await running;
    expect(await setup.store.takeStockOfSharedRequests({ sinceMs: 0, maxBytesPerTask: 1e6 })).toHaveLength(1);
  });

  it("went on for eight days with a period that a wrong clock had opened: one from the future is closed", async () => {
    const store = createMemoryStore();
    const clock = createManualClock();
    const startsAtMs = clock.nowMs() + 8 * 24 * 3_600_000;
    await store.switchPeriod({ period: 7, startsAtMs, endsAtMs: startsAtMs + periodMs, seed: "0".repeat(64), commonSeed: "common" }, []);
    const setup = setUp({ miners: { alice: { capacities: everyTask } }, store, clock });
    await runFor(setup.core, setup, 5_000);
    expect(await store.getOpenPeriod()).toMatchObject({ period: 8 });
    expect(await store.getPeriodReport(7)).not.toBeNull();
  });

  it("tasks change with the next period, never in the one under way; miners are asked about the new ones before it", async () => {
    let offered: NextTasks | null = null;
    const takenAtMs: number[] = [];
    const clock = createManualClock();
    const startedAtMs = clock.nowMs();
    const capacities = { ...everyTask, "chat-new": 60_000 };
    const setup = setUp({ miners: { alice: { capacities } }, clock, tasks: { next: () => offered } });
    const { core, client, stop, metrics } = setup;
    const running = core.run(stop.signal);
    await clock.advance(periodMs / 2);
    const registry = changeRegistry(createRegistry(), {
      "completion-tiny": null,
      "image-tiny": { isEnabled: false },
      "chat-new": { ...createRegistry().get("chat-tiny"), model: "somebody/new" },
    });
    offered = {
      setup: { registry, taskWeights: { kind: "config", shares: { "chat-tiny": 1, "chat-new": 3 } } },
      takeUp() {
        takenAtMs.push(clock.nowMs() - startedAtMs);
        offered = null;
      },
    };
    await clock.advance(periodMs / 2 - 1);
    const asked = (fromMs: number, toMs: number) => {
      const within = client.sent.filter(({ atMs }) => atMs - startedAtMs >= fromMs && atMs - startedAtMs < toMs);
      return [...new Set(within.map(({ task }) => task.id))].sort();
    };
    expect(takenAtMs).toEqual([]);
    expect(enabledTasks(core.routing.registry()).map(({ id }) => id)).toContain("completion-tiny");
    expect(asked(0, periodMs)).toEqual(["chat-tiny", "completion-tiny", "image-tiny"]);

    await clock.advance(periodMs + 5_000);
    expect(takenAtMs.map(Math.round)).toEqual([periodMs]);
    expect(core.routing.registry()).toBe(registry);
    expect(asked(periodMs, 2 * periodMs)).toEqual(["chat-new", "chat-tiny"]);
    expect(client.sent.find(({ task }) => task.id === "chat-new")?.task.model).toBe("somebody/new");
    expect(metrics.values.get('taskWeightRatio {"task":"chat-new"}')).toBe(0.75);
    expect(metrics.values.get('taskWeightRatio {"task":"completion-tiny"}')).toBe(0);

    await clock.advance(periodMs);
    stop.abort();
    await running;
    // What was done of a task that is gone stays on record and earns nothing.
    const report = core.reporter.latest();
    expect(report?.tasks.filter(({ weight }) => weight > 0).map(({ taskId, weight }) => [taskId, weight])).toEqual([
      ["chat-new", 0.75],
      ["chat-tiny", 0.25],
    ]);
    const scores = (await setup.store.getLatestEpoch())?.report;
    const gone = scores?.miners[0]?.tasks.find(({ taskId }) => taskId === "completion-tiny");
    expect(gone).toMatchObject({ declaredCapacityPerHour: 0, creditedCapacityPerHour: 0, taskScore: 0, sampleCount: expect.any(Number) });
    expect(gone?.sampleCount).toBeGreaterThan(0);
  });

  it("lost what was in memory when the database was away at the end: it is kept, and recorded once at the next start", async () => {
    const store = createMemoryStore();
    const clock = createManualClock();
    let kept: readonly SpooledResult[] = [];
    const spool: ResultsSpool = {
      save(entries) {
        kept = [...kept, ...entries];
        return entries.length;
      },
      async *read() {
        yield kept;
      },
      async clear() {
        kept = [];
      },
    };
    const first = setUp({ miners: { alice: { capacities: everyTask } }, store, clock, spool });
    const running = first.core.run(first.stop.signal);
    await clock.advance(periodMs / 4);
    store.setUnreachable(true);
    await clock.advance(periodMs / 4);
    const recordedBefore = store.results.size;
    first.stop.abort();
    await running;
    expect(kept.length).toBeGreaterThan(0);
    const [one] = kept;
    const total = recordedBefore + kept.length;

    store.setUnreachable(false);
    if (one !== undefined) await store.recordResults([one.result], []);
    const second = setUp({ miners: {}, store, clock, seed: "b", spool });
    await runFor(second.core, second, 1_000);
    expect(kept).toEqual([]);
    expect(store.results.size).toBe(total);
  });
});
