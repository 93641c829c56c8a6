import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import { createMiner, silentLogger } from "@vision/sdk";
import { tiny } from "@vision/sdk/backends";
import { createMinerClient } from "@vision/sdk/client";
import { serve } from "@vision/sdk/node";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { createSystemClock } from "../src/adapters/clock.js";
import { createInProcessLedger } from "../src/adapters/ledger-in-process.js";
import { createEmbeddedPromptCounter } from "../src/adapters/prompt-counter-embedded.js";
import type { ResultRecord } from "../src/domain/records/index.js";
import { emptyRoutingRecord } from "../src/domain/routing-record.js";
import { createExchange } from "../src/exchange/index.js";
import { createApiKey, createGateway } from "../src/gateway/index.js";
import type { PromptCounter } from "../src/ports/index.js";
import { createMinerReader } from "../src/services/miner-reader.js";
import { gatewayDefaults } from "../src/testing/gateway-fixture.js";
import { aLiveReport } from "../src/testing/live-samples.js";
import { createMemoryStore } from "../src/testing/memory-store.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { createRecordingMetrics } from "../src/testing/recording-metrics.js";

const taskId = "chat-tiny";
const minerCount = 4;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
beforeAll(() => ready());

/** A gateway in front of honest miners on loopback, everything real but the database. */
async function start(promptCounter: PromptCounter) {
  const clock = createSystemClock();
  const registry = createRegistry();
  const ledger = createInProcessLedger();
  const metrics = createRecordingMetrics();
  const store = createMemoryStore();
  const results: ResultRecord[] = [];
  const targets = await Promise.all(
    Array.from({ length: minerCount }, async (_, index) => {
      const hotkey = createHotkeyFromUri(`//Miner${index}`);
      const miner = createMiner({ hotkey, tasks: { [taskId]: { capacityPerHour: 1e6 } }, backend: tiny(), logger: silentLogger });
      const server = await serve(miner, { host: "127.0.0.1", port: 0 });
      closers.push(() => server.close());
      return { hotkey: hotkey.address, host: "127.0.0.1", port: Number(new URL(server.url).port) };
    }),
  );
  ledger.startPeriod(targets.map(({ hotkey }) => ({ hotkey, taskId, units: 1e6 })));
  const client = createMinerClient({ hotkey: createHotkeyFromUri("//Validator") });
  closers.push(() => client.close());
  const routing = {
    registry: () => registry,
    task: (id: string) => registry.get(id) ?? null,
    candidates: () =>
      targets.map((target) => ({ target, taskId, capacityPerHour: 1e6, sampler: "gumbel-murmur3" as const, record: emptyRoutingRecord })),
    target: () => null,
    sampler: () => "gumbel-murmur3" as const,
    currentPeriod: () => 1,
  };
  const reader = createMinerReader({ client, clock, logger: recordingLogger(), onStandstill: () => undefined });
  const exchange = createExchange({
    ...{ asker: reader, ledger, routing, promptCounter, clock, metrics },
    random: createSeededRandom("x", []),
    newId: () => `id-${results.length}`,
    shouldCheck: () => false,
    onResult: (result) => results.push(result),
  });
  const gateway = createGateway(
    { ...gatewayDefaults, maxAttempts: minerCount },
    {
      page: new Map(),
      liveView: { live: () => aLiveReport(1), chain: () => null },
      ...{ exchange, routing, ledger, promptCounter, store, clock, metrics },
      random: createSeededRandom("routing", []),
      logger: recordingLogger(),
      health: () => ({ isAlive: true, isReady: true }),
    },
  );
  closers.push(() => gateway.close());
  const url = await gateway.listen();
  const { key, prefix, sha256Hex } = createApiKey();
  const limits = { requestsPerMinute: 100, tokensPerMinute: null, concurrentRequests: 32 };
  await store.createApiKey({ id: "key", name: "test", prefix, sha256Hex, ...limits, nowMs: clock.nowMs() });
  const ask = async (content: string) => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: taskId, messages: [{ role: "user", content }], max_tokens: 16, temperature: 0 }),
    });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  return { ask, results };
}

// Few characters, many tokens: far above the context, and below it by four characters a token.
const tooLong = "日本語".repeat(160);

describe("regression: one user's bad request was charged to every miner it was tried on", () => {
  it("is refused before any miner is asked where the tokenizer is known", async () => {
    const { ask, results } = await start(createEmbeddedPromptCounter({ logger: recordingLogger() }));
    expect(await ask(tooLong)).toMatchObject({ status: 400, body: { error: { code: "context_length_exceeded" } } });
    expect(results).toEqual([]);
    const { status, body } = await ask("What is the capital of Italy?");
    expect({ status, body }).toMatchObject({ status: 200, body: { choices: [{ message: { content: expect.stringContaining("Rome") } }] } });
    expect(results).toMatchObject([{ outcome: "ok" }]);
  });

  it("costs no miner anything, and tells the user why, where the tokenizer is not known", async () => {
    const { ask, results } = await start({ count: async () => ({ kind: "unknown" }), textOf: async () => ({ kind: "unknown" }) });
    expect(await ask(tooLong)).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_request", message: expect.stringMatching(/context|tokens/) } },
    });
    expect(results.map(({ outcome, blame }) => ({ outcome, blame }))).toEqual([
      { outcome: "failed", blame: "nobody" },
      { outcome: "failed", blame: "nobody" },
    ]);
  });
});
