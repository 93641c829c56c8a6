import { describe, expect, it } from "@jest/globals";
import { createManualClock } from "../testing/manual-clock.js";
import { createMemoryStore } from "../testing/memory-store.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { createDependencyGuard } from "./dependency-guard.js";
import { createSharedRequests } from "./shared-requests.js";

const HOUR_MS = 3_600_000;
const request = (text: string) => ({ messages: [{ role: "user", content: text }] });

async function setUp() {
  const clock = createManualClock();
  const [store, logger, metrics] = [createMemoryStore(), recordingLogger(), createRecordingMetrics()];
  const limits = { requestsPerMinute: 1, tokensPerMinute: null, concurrentRequests: 1 };
  const by = { who: "a test", nowMs: 1 };
  await store.createApiKey({ id: "key", name: "key", prefix: "k", sha256Hex: "h", sharesRequests: true, ...limits, ...by });
  const guard = createDependencyGuard({ clock, logger, metrics });
  const given = [{ taskId: "completion-tiny", hotkeys: [], request: { prompt: "from a file" } }];
  const shared = createSharedRequests({ keptMs: 2 * HOUR_MS, given }, { store, guard, clock });
  const stop = new AbortController();
  const add = (text: string) =>
    store.addSharedRequests([{ taskId: "chat-tiny", keyId: "key", hotkeys: [], atMs: clock.nowMs(), request: request(text) }]);
  const textsOf = (taskId: string) => shared.conversationsOf(taskId).flatMap(({ turns }) => turns.map(({ request }) => request));
  return { clock, store, shared, stop, add, textsOf, by };
}

describe("createSharedRequests", () => {
  it("has what a file gives from the start, and what keys share as soon as it is read", async () => {
    const { clock, shared, stop, add, textsOf, store } = await setUp();
    await add("one");
    expect([textsOf("chat-tiny"), textsOf("completion-tiny")]).toEqual([[], [{ prompt: "from a file" }]]);
    store.setUnreachable(true);
    const running = shared.run(stop.signal).catch(() => undefined);
    await clock.advance(1_000);
    expect(textsOf("chat-tiny")).toEqual([]);
    store.setUnreachable(false);
    await clock.advance(120_000);
    expect(textsOf("chat-tiny")).toEqual([request("one")]);
    expect(textsOf("completion-tiny")).toEqual([{ prompt: "from a file" }]);
    expect(textsOf("image-tiny")).toEqual([]);
    stop.abort();
    await running;
  });

  it("forgets within ten minutes what is too old and what is no longer shared", async () => {
    const { clock, shared, stop, add, textsOf, store, by } = await setUp();
    await add("one");
    const running = shared.run(stop.signal).catch(() => undefined);
    await clock.advance(HOUR_MS);
    await add("two");
    await clock.advance(600_000);
    expect(textsOf("chat-tiny")).toEqual([request("one"), request("two")]);
    await clock.advance(HOUR_MS);
    expect(textsOf("chat-tiny")).toEqual([request("two")]);
    await store.setSharing("key", false, by);
    await clock.advance(600_000);
    expect(textsOf("chat-tiny")).toEqual([]);
    stop.abort();
    await running;
  });

  it("keeps in mind who was sent a conversation as it is, over the next reading", async () => {
    const { clock, shared, stop, add } = await setUp();
    await add("one");
    const running = shared.run(stop.signal).catch(() => undefined);
    await clock.advance(1_000);
    shared.conversationsOf("chat-tiny")[0]?.knownBy.add("alice");
    await add("two");
    await clock.advance(600_000);
    expect(shared.conversationsOf("chat-tiny").map(({ knownBy }) => [...knownBy])).toEqual([["alice"], []]);
    stop.abort();
    await running;
  });
});
