import { describe, expect, it } from "@jest/globals";
import { changeRegistry, createRegistry } from "@vision/protocol";
import { createSeededRandom, defaultCheckParams } from "@vision/scoring/probing";
import type { FoundSample } from "../domain/records/index.js";
import { createManualClock } from "../testing/manual-clock.js";
import { createMemoryStore } from "../testing/memory-store.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { aCheck, aResult, aTiming } from "../testing/store-samples.js";
import { createCheckBacklog } from "./check-backlog.js";
import { createCheckSelector } from "./check-selector.js";
import { createDependencyGuard } from "./dependency-guard.js";

function setUp(uncheckable = "") {
  const clock = createManualClock();
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const store = createMemoryStore(clock);
  const found: FoundSample[] = [];
  let registry = createRegistry();
  const backlog = createCheckBacklog(defaultCheckParams, {
    self: { validator: "5Validator", version: "1.2.3" },
    reference: { canCheck: (task) => task.id !== uncheckable },
    routing: { registry: () => registry },
    selector: createCheckSelector(defaultCheckParams, { random: createSeededRandom("c", []), clock, logger, metrics }),
    guard: createDependencyGuard({ clock, logger, metrics }),
    onSample: (sample) => found.push(sample),
    ...{ store, clock, logger, metrics },
  });
  const stop = new AbortController();
  const running = backlog.run(stop.signal).catch(() => undefined);
  return {
    ...{ store, clock, logger, metrics, found },
    change: (changes: Parameters<typeof changeRegistry>[1]) => {
      registry = changeRegistry(createRegistry(), changes);
    },
    async finish() {
      stop.abort();
      await running;
    },
  };
}

describe("createCheckBacklog", () => {
  it("tells who checks for this validator on which terms, and again when its tasks change", async () => {
    const { store, clock, change, finish } = setUp();
    await clock.advance(0);
    const terms = await store.getCheckTerms();
    expect(terms).toMatchObject({ validator: "5Validator", version: "1.2.3", tasks: { "chat-tiny": { family: "chat-completions" } } });
    expect(Object.keys(terms?.tasks ?? {})).not.toContain("chat-llama-3-1-8b");
    change({ "image-tiny": { isEnabled: false } });
    await clock.advance(1_000);
    expect(Object.keys((await store.getCheckTerms())?.tasks ?? {})).not.toContain("image-tiny");
    await finish();
  });

  it("passes on what others found, and nothing of before", async () => {
    const { store, clock, metrics, found, finish } = setUp();
    await store.recordResults([aResult("r1"), aResult("r2")], [aCheck("r1"), aCheck("r2")]);
    const sample = { period: 1, hotkey: "alice", taskId: "chat-tiny", ...aTiming, qualityFraction: 0.5 };
    const rest = { reasons: [], receipt: null, isOrganic: false, evidence: null };
    await store.recordSample({ ...sample, ...rest, requestId: "r0" });
    await clock.advance(0);
    expect(metrics.values.get("checksPending")).toBe(2);
    await store.recordSample({ ...sample, ...rest, requestId: "r1" });
    await clock.advance(3_000);
    expect(found).toEqual([{ hotkey: "alice", taskId: "chat-tiny", ...aTiming, qualityFraction: 0.5 }]);
    expect(metrics.values.get("checksPending")).toBe(1);
    await finish();
  });

  it("an enabled task without a reference paid nobody and nothing said so", async () => {
    const { logger, metrics, clock, finish } = setUp("image-tiny");
    await clock.advance(5_000);
    expect(logger.lines).toMatchObject([{ level: "warn", facts: { task: "image-tiny" } }]);
    expect(metrics.values.get('taskUnchecked {"task":"image-tiny"}')).toBe(1);
    expect(metrics.values.get('taskUnchecked {"task":"chat-tiny"}')).toBe(0);
    await finish();
  });
});
