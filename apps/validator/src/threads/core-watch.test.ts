import { describe, expect, it } from "@jest/globals";
import { createRegistry, enabledTasks } from "@vision/protocol";
import { emptyRoutingRecord } from "../domain/routing-record.js";
import { createDependencyGuard } from "../services/dependency-guard.js";
import { aChainReport, aLiveReport } from "../testing/live-samples.js";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { createMemoryStore } from "../testing/memory-store.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { createCoreWatch } from "./core-watch.js";
import { createGatewayTeller, rememberBudgets } from "./gateway-teller.js";
import type { ToldRouting } from "./told-state.js";

const candidate = {
  target: { hotkey: "alice", host: "127.0.0.1", port: 1 },
  taskId: "chat-tiny",
  capacityPerHour: 100,
  sampler: "gumbel-murmur3",
  record: { ...emptyRoutingRecord, quality: 0.5, firstToken: { meanMs: 1, peakMs: 2, peakAtMs: 3 } },
} as const;
const budget = { hotkey: "alice", taskId: "chat-tiny", units: 100, pace: { unitsPerHour: 100, burstUnits: 12 }, usedUnits: 5 };

function setUp({ validator = "validator" } = {}) {
  const clock = createManualClock();
  const store = createMemoryStore({ nowMs: () => clock.nowMs() });
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const guard = createDependencyGuard({ clock, logger, metrics, watched: ["store", "core"] });
  const registry = createRegistry();
  const told: ToldRouting[] = [];
  let period = 3;
  const listeners = new Set<() => void>();
  const teller = createGatewayTeller({
    ...{ validator: "validator", store, guard, clock },
    routing: {
      registry: () => registry,
      task: (taskId) => registry.get(taskId) ?? null,
      candidates: (taskId) => (taskId === "chat-tiny" ? [candidate] : []),
      firstTokenBudgetMs: (taskId) => (taskId === "chat-tiny" ? 80 : null),
      target: () => null,
      sampler: () => "unknown",
      currentPeriod: () => period,
    },
    liveView: { live: () => aLiveReport(clock.nowMs()), chain: () => aChainReport() },
    checkPlan: { canCheck: ({ id }) => id === "chat-tiny", expected: () => ({ answers: 6, isBigDraw: true }) },
    budgets: () => [budget],
    onPeriodStarted(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const watch = createCoreWatch({ ...{ validator, store, guard, clock, logger }, onRouting: (next) => told.push(next) });
  const startPeriod = (next: number) => {
    period = next;
    for (const listener of listeners) listener();
  };
  return { clock, store, logger, guard, teller, watch, told, registry, startPeriod };
}

/** Runs it until the stop that is returned. */
function run(service: { run(signal: AbortSignal): Promise<void> }): () => Promise<void> {
  const stop = new AbortController();
  const running = service.run(stop.signal).catch(() => undefined);
  return () => {
    stop.abort();
    return running;
  };
}

describe("what the core tells gateways in processes of their own", () => {
  it("comes there as it was told: tasks, miners, budgets and what answers are expected of whom", async () => {
    const { teller, watch, told, registry } = setUp();
    const stop = run(teller);
    await settle();
    await watch.look();
    await stop();
    expect(watch.isFresh()).toBe(true);
    const [first] = told;
    expect([...(first?.registry ?? [])]).toEqual(JSON.parse(JSON.stringify([...registry])));
    expect(first).toMatchObject({ validator: "validator", period: 3, budgets: [budget], checkable: new Set(["chat-tiny"]) });
    expect(first?.candidates.get("chat-tiny")).toEqual([candidate]);
    expect([first?.expected("alice", "chat-tiny"), first?.expected("bob", "chat-tiny")]).toEqual([{ answers: 6, isBigDraw: true }, null]);
    const budgets = enabledTasks(registry).map(({ id }) => first?.firstTokenBudgetMs.get(id));
    expect(budgets).toEqual(enabledTasks(registry).map(({ id }) => (id === "chat-tiny" ? 80 : null)));
    expect(watch.chain()).toEqual(aChainReport());
    expect(watch.live().period?.period).toBe(7);
  });

  it("is told every second, and at once when a period starts", async () => {
    const { teller, watch, told, startPeriod, clock } = setUp();
    const stop = run(teller);
    await settle();
    await watch.look();
    startPeriod(4);
    await settle();
    await watch.look();
    expect(told.map(({ period }) => period)).toEqual([3, 4]);
    await clock.advance(10_000);
    await watch.look();
    expect(watch.ageMs()).toBeLessThanOrEqual(1_000);
    await stop();
  });

  it("is gone on with for three minutes when the core says nothing any more, or the database is away", async () => {
    for (const isDatabaseAway of [false, true]) {
      const { teller, watch, clock, store, guard, logger } = setUp();
      const stop = run(teller);
      await settle();
      const stopWatch = run(watch);
      await settle();
      await stop();
      store.setUnreachable(isDatabaseAway);
      await clock.advance(14_000);
      expect([watch.isFresh(), guard.isUp("core")]).toEqual([true, true]);
      await clock.advance(165_000);
      expect([watch.isFresh(), guard.isUp("core")]).toEqual([true, false]);
      await clock.advance(3_000);
      expect({ isDatabaseAway, isFresh: watch.isFresh() }).toEqual({ isDatabaseAway, isFresh: false });
      expect(logger.lines.map(({ message }) => message)).toContainEqual(expect.stringContaining("The validator tells nothing"));
      store.setUnreachable(false);
      const stopAgain = run(teller);
      await clock.advance(2_000);
      expect([watch.isFresh(), guard.isUp("core")]).toEqual([true, true]);
      await Promise.all([stopAgain(), stopWatch()]);
    }
  });

  it("serves nobody before it was heard, by another validator's word, or by one of another release", async () => {
    const early = setUp();
    await early.watch.look();
    expect([early.watch.isFresh(), early.watch.ageMs()]).toEqual([false, Number.POSITIVE_INFINITY]);
    expect(() => early.watch.live()).toThrow(TypeError);

    const other = setUp({ validator: "another" });
    const stop = run(other.teller);
    await settle();
    await other.watch.look();
    await other.clock.advance(1_000);
    await other.watch.look();
    await stop();
    expect([other.watch.isFresh(), other.told]).toEqual([false, []]);
    expect(other.logger.lines.filter(({ level }) => level === "error")).toMatchObject([
      { message: expect.stringContaining("another validator's") },
    ]);

    for (const [routing, format] of [
      ['{"format":2}', 2],
      ["no JSON", null],
    ] as const) {
      const { watch, store, logger } = setUp();
      await store.tellGateways({ routing, live: JSON.stringify(aLiveReport(1)), chain: "null" });
      await watch.look();
      expect(watch.isFresh()).toBe(false);
      expect(logger.lines).toMatchObject([{ level: "error", message: expect.stringContaining("same release"), facts: { format } }]);
    }
  });
});

describe("rememberBudgets", () => {
  it("passes a period's budgets on and keeps them", () => {
    const started: unknown[] = [];
    const { ledger, budgets } = rememberBudgets({ startPeriod: (...given: unknown[]) => started.push(given) });
    expect(budgets()).toEqual([]);
    ledger.startPeriod([budget], 7);
    expect([started, budgets()]).toEqual([[[[budget], 7]], [budget]]);
  });
});
