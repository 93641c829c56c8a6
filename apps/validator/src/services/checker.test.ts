import { describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import type { Verdict } from "@vision/scoring";
import { createSeededRandom, defaultCheckParams } from "@vision/scoring/probing";
import type { Reference } from "../ports/index.js";
import { createManualClock } from "../testing/manual-clock.js";
import { createMemoryStore } from "../testing/memory-store.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { aCheck, aResult, aTiming } from "../testing/store-samples.js";
import { createCheckSelector } from "./check-selector.js";
import { createChecker } from "./checker.js";
import { createDependencyGuard } from "./dependency-guard.js";

async function setUp(check: Reference["check"], ids: readonly string[], ...[taskId = "chat-tiny", uncheckable = ""]: readonly string[]) {
  const clock = createManualClock();
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const store = createMemoryStore();
  const registry = createRegistry();
  await store.recordResults(
    ids.map((id) => aResult(id)),
    ids.map((id) => aCheck(id, { taskId })),
  );
  const checker = createChecker(defaultCheckParams, {
    store,
    reference: { canCheck: (task) => task.isEnabled && task.id !== uncheckable, check, close: async () => undefined },
    routing: { task: (id) => registry.get(id) ?? null, registry: () => registry },
    selector: createCheckSelector(defaultCheckParams, { random: createSeededRandom("c", []), clock, logger, metrics }),
    guard: createDependencyGuard({ clock, logger, metrics }),
    clock,
    logger,
    metrics,
    onSample: () => undefined,
  });
  const stop = new AbortController();
  const running = checker.run(stop.signal).catch(() => undefined);
  const finish = async () => {
    stop.abort();
    await running;
  };
  return { store, clock, logger, metrics, finish };
}

const good: Verdict = { kind: "judged", qualityFraction: 0.5, reasons: ["slow"] };

describe("createChecker", () => {
  it("makes a sample of every judged answer", async () => {
    const { store, clock, finish } = await setUp(async () => good, ["r1", "r2"]);
    await clock.advance(1_000);
    expect([...store.samples.values()]).toMatchObject([
      { requestId: "r1", qualityFraction: 0.5, ...aTiming, reasons: ["slow"] },
      { requestId: "r2" },
    ]);
    expect(await store.countPendingChecks()).toBe(0);
    await finish();
  });

  it("tries an inconclusive answer again and drops it in the end: never a zero, never for ever", async () => {
    let calls = 0;
    const inconclusive = async (): Promise<Verdict> => {
      calls += 1;
      return { kind: "inconclusive", reason: "odd" };
    };
    const { store, clock, finish } = await setUp(inconclusive, ["r1"]);
    await clock.advance(60_000);
    expect(calls).toBe(defaultCheckParams.maxAttempts);
    expect(store.samples.size).toBe(0);
    expect(await store.countPendingChecks()).toBe(0);
    await finish();
  });

  it("W-21: one answer that breaks the reference does not stop the others", async () => {
    const check: Reference["check"] = async ({ request }) => {
      if (JSON.stringify(request).includes("poison")) throw new Error("crash");
      return good;
    };
    const { store, clock, logger, finish } = await setUp(check, ["r1", "r2", "r3"]);
    await store.recordResults([aResult("p")], [aCheck("p", { request: { text: "poison" } })]);
    await clock.advance(60_000);
    expect([...store.samples.keys()].sort()).toEqual(["r1", "r2", "r3"]);
    expect(await store.countPendingChecks()).toBe(0);
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
    await finish();
  });

  it("drops answers of tasks that are gone or cannot be checked", async () => {
    const { store, clock, finish } = await setUp(async () => good, ["r1"], "gone");
    await clock.advance(1_000);
    expect(await store.countPendingChecks()).toBe(0);
    expect(store.samples.size).toBe(0);
    await finish();
  });

  it("waits for the store without losing a verdict's answer", async () => {
    const { store, clock, finish } = await setUp(async () => {
      store.setUnreachable(true);
      return good;
    }, ["r1"]);
    await clock.advance(5_000);
    store.setUnreachable(false);
    await clock.advance(20_000);
    expect([...store.samples.keys()]).toEqual(["r1"]);
    await finish();
  });

  it("an enabled task without a reference paid nobody and nothing said so", async () => {
    const { logger, metrics, clock, finish } = await setUp(async () => good, [], "chat-tiny", "image-tiny");
    await clock.advance(5_000);
    expect(logger.lines).toMatchObject([{ level: "warn", facts: { task: "image-tiny" } }]);
    expect(metrics.values.get('taskUnchecked {"task":"image-tiny"}')).toBe(1);
    expect(metrics.values.get('taskUnchecked {"task":"chat-tiny"}')).toBe(0);
    await finish();
  });
});
