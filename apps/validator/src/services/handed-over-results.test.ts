import { describe, expect, it } from "@jest/globals";
import type { HandedOver } from "../ports/index.js";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { createMemoryStore } from "../testing/memory-store.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { aCheck, aPeriod, aProbe, aResult } from "../testing/store-samples.js";
import { createDependencyGuard } from "./dependency-guard.js";
import { createHandedOverResults, recordHandedOver } from "./handed-over-results.js";

async function setUp() {
  const clock = createManualClock();
  const logger = recordingLogger();
  const store = createMemoryStore();
  const guard = createDependencyGuard({ clock, logger, metrics: createRecordingMetrics() });
  await store.switchPeriod(aPeriod(1), [aProbe()]);
  const taken: string[] = [];
  const intake = { take: ({ requestId }: { readonly requestId: string }) => void taken.push(requestId) };
  return { clock, logger, store, guard, taken, intake };
}

describe("createHandedOverResults", () => {
  it("takes each once while it waits to be recorded, and again in the next process where it was not", async () => {
    const { clock, logger, store, guard, taken, intake } = await setUp();
    const start = () => {
      const stop = new AbortController();
      const running = createHandedOverResults({ store, intake, guard, clock, logger })
        .run(stop.signal)
        .catch(() => undefined);
      return () => {
        stop.abort();
        return running;
      };
    };
    const stop = start();
    await store.handOver([
      { result: aResult("one"), check: aCheck("one") },
      { result: aResult("two"), check: null },
    ]);
    await clock.advance(1_000);
    expect(taken).toEqual(["one", "two"]);
    await store.recordResults([aResult("one")], []);
    await store.handOver([{ result: aResult("three"), check: null }]);
    await clock.advance(1_000);
    expect(taken).toEqual(["one", "two", "three"]);
    await stop();
    // Killed before it recorded them.
    const stopNext = start();
    await clock.advance(1_000);
    await stopNext();
    expect(taken.slice(3)).toEqual(["two", "three"]);
  });

  it("goes on when the database is back, and takes more than a look's worth at once", async () => {
    const { clock, logger, store, guard, taken, intake } = await setUp();
    const ids = Array.from({ length: 450 }, (_, index) => `r${index}`);
    await store.handOver(ids.map((id) => ({ result: aResult(id), check: null })));
    store.setUnreachable(true);
    const stop = new AbortController();
    const running = createHandedOverResults({ store, intake, guard, clock, logger })
      .run(stop.signal)
      .catch(() => undefined);
    await clock.advance(60_000);
    expect(taken).toEqual([]);
    store.setUnreachable(false);
    await clock.advance(15_000);
    await settle();
    expect(taken).toEqual(ids);
    stop.abort();
    await running;
  });

  it("drops what it cannot read, and says so", async () => {
    const { clock, logger, store, guard, taken, intake } = await setUp();
    const dropped: (readonly string[])[] = [];
    let rows: readonly HandedOver[] = [{ requestId: "strange", entry: null }];
    const stop = new AbortController();
    const running = createHandedOverResults({
      store: {
        ...store,
        getHandedOver: async () => rows,
        async dropHandedOver(ids) {
          dropped.push(ids);
          rows = [];
        },
      },
      ...{ intake, guard, clock, logger },
    })
      .run(stop.signal)
      .catch(() => undefined);
    await clock.advance(1_000);
    expect([taken, dropped]).toEqual([[], [["strange"]]]);
    expect(logger.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    stop.abort();
    await running;
  });
});

describe("recordHandedOver", () => {
  it("records what came while no core ran, each once", async () => {
    const { store, guard } = await setUp();
    await store.recordResults([aResult("known", { isOrganic: true })], []);
    const names = ["known", ...Array.from({ length: 300 }, (_, index) => `r${index}`)];
    await store.handOver(names.map((id) => ({ result: aResult(id, { isOrganic: true }), check: id === "r1" ? aCheck(id) : null })));
    expect(await recordHandedOver({ store, guard }, new AbortController().signal)).toBe(301);
    expect((await store.getOpenPeriod())?.probes[0]?.organicCount).toBe(301);
    expect(await store.countPendingChecks()).toBe(1);
    expect(await recordHandedOver({ store, guard }, new AbortController().signal)).toBe(0);
  });
});
