import { describe, expect, it } from "@jest/globals";
import { createManualClock } from "../testing/manual-clock.js";
import { createMemoryStore } from "../testing/memory-store.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { aCheck, aPeriod, aProbe, aResult } from "../testing/store-samples.js";
import { createDependencyGuard } from "./dependency-guard.js";
import { createResultsBuffer, defaultResultsBufferOptions } from "./results-buffer.js";

function setUp(options: Partial<typeof defaultResultsBufferOptions> = {}) {
  const clock = createManualClock();
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const store = createMemoryStore();
  const writes: number[] = [];
  const counting: Pick<typeof store, "recordResults"> = {
    recordResults: async (results, checks) => {
      await store.recordResults(results, checks);
      writes.push(results.length);
    },
  };
  const guard = createDependencyGuard({ clock, logger, metrics });
  const buffer = createResultsBuffer({ ...defaultResultsBufferOptions, ...options }, { store: counting, guard, clock, logger, metrics });
  const stop = new AbortController();
  const running = buffer.run(stop.signal).catch(() => undefined);
  return { buffer, store, clock, logger, metrics, writes, stop, running };
}

describe("createResultsBuffer", () => {
  it("writes in batches, soon, and sleeps while there is nothing", async () => {
    const { buffer, clock, writes, store, stop, running } = setUp({ batchSize: 3 });
    await store.switchPeriod(aPeriod(1), [aProbe()]);
    await clock.advance(60_000);
    expect(clock.sleepers()).toBe(0);
    for (let index = 0; index < 7; index += 1) buffer.add(aResult(`r${index}`), index === 0 ? aCheck("r0") : null);
    await clock.advance(500);
    expect(writes).toEqual([3, 3, 1]);
    expect(buffer.size).toBe(0);
    expect(await store.countPendingChecks()).toBe(1);
    stop.abort();
    await running;
  });

  it("keeps results while the store is away and writes each of them once", async () => {
    const { buffer, clock, store, metrics, logger, stop, running } = setUp();
    store.setUnreachable(true);
    buffer.add(aResult("r1"), aCheck("r1"));
    await clock.advance(5_000);
    buffer.add(aResult("r2"), null);
    await clock.advance(5_000);
    expect(metrics.values.get("resultsBuffered")).toBe(2);
    store.setUnreachable(false);
    await clock.advance(20_000);
    expect([...store.results.keys()]).toEqual(["r1", "r2"]);
    expect(metrics.values.get("resultsBuffered")).toBe(0);
    expect(logger.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    stop.abort();
    await running;
  });

  it("is bounded: first no more answers are kept, then the oldest results go, with a warning each", async () => {
    const { buffer, clock, store, logger, stop, running } = setUp({ batchSize: 2, maxBuffered: 10 });
    store.setUnreachable(true);
    for (let index = 0; index < 15; index += 1) buffer.add(aResult(`r${index}`), aCheck(`r${index}`));
    expect(buffer.size).toBe(10);
    store.setUnreachable(false);
    await clock.advance(30_000);
    expect([...store.results.keys()]).toEqual(Array.from({ length: 10 }, (_, index) => `r${index + 5}`));
    expect(logger.lines.filter(({ message }) => message === "Results were given up")).toMatchObject([{ facts: { droppedResults: 5 } }]);
    stop.abort();
    await running;
  });

  it("several huge answers in one batch exhausted the heap: at most 8 MB are written at a time, at most 64 MB kept", async () => {
    const { buffer, clock, writes, store, stop, running } = setUp();
    const answer = { kind: "images" as const, imagesBase64: ["A".repeat(3_000_000)] };
    for (let index = 0; index < 30; index += 1) buffer.add(aResult(`r${index}`), aCheck(`r${index}`, { answer }));
    await clock.advance(500);
    expect(store.results.size).toBe(30);
    expect(Math.max(...writes.slice(0, 10))).toBe(2);
    expect(await store.countPendingChecks()).toBe(22);
    stop.abort();
    await running;
  });

  it("holds a result back that may have to be replaced, and replaces none that the store was given", async () => {
    const { buffer, clock, store, stop, running } = setUp();
    buffer.add(aResult("r1", { outcome: "failed", blame: "miner" }), null, 10_000);
    buffer.add(aResult("r2"), null);
    await clock.advance(9_000);
    expect([...store.results.keys()]).toEqual(["r2"]);
    expect(buffer.replace(aResult("r2", { blame: "validator" }))).toBe(false);
    expect(buffer.replace(aResult("r1", { outcome: "failed", blame: "validator" }))).toBe(true);
    await clock.advance(2_000);
    expect(store.results.get("r1")?.blame).toBe("validator");
    expect(buffer.size).toBe(0);
    stop.abort();
    await running;
  });

  it("writes what is left when asked to", async () => {
    const { buffer, store, stop, running } = setUp();
    buffer.add(aResult("last"), null);
    await buffer.flush(new AbortController().signal);
    expect([...store.results.keys()]).toEqual(["last"]);
    stop.abort();
    await running;
  });
});
