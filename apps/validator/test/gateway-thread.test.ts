import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { askVerdicts } from "@vision/sdk/client";
import { createFakeBackend } from "@vision/sdk/testing";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { createSystemClock } from "../src/adapters/clock.js";
import { createSharedLedger } from "../src/adapters/ledger-shared.js";
import { openPostgresStore } from "../src/adapters/postgres/index.js";
import type { Exchange, ExchangeResult } from "../src/exchange/exchange.js";
import { createApiKey } from "../src/gateway/index.js";
import { createMinerBoard } from "../src/services/miner-board.js";
import { aVerdictSigner } from "../src/testing/a-verdict-signer.js";
import { fakeExchange } from "../src/testing/fake-exchange.js";
import { aLiveReport } from "../src/testing/live-samples.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { createRecordingMetrics } from "../src/testing/recording-metrics.js";
import { startTestPostgres, type TestPostgres } from "../src/testing/test-postgres.js";
import { createGatewayThread } from "../src/threads/gateway-thread.js";
import { appDir, bundlePrograms } from "./bundle-programs.js";
import { startRealExchange } from "./fixtures/start-real-exchange.js";

const gatewayOptions = {
  host: "127.0.0.1",
  port: 0,
  maxAttempts: 3,
  affinityFactor: 1,
  hedgeFraction: 0.05,
  apiKeyCacheMs: 5_000,
  corsOrigins: [],
  minerNames: {},
  trustedProxies: [],
  maxConnectionsPerAddress: 100,
  strangerRequestsPerMinute: 100,
  callBacksPerMinute: 0,
  pictureHosts: [],
  arePrivateEndpointsAllowed: false,
  keepAliveMs: 2_000,
};

type SetUp = {
  readonly exchange: Exchange;
  readonly moduleUrl: URL;
  readonly databaseUrl: string;
  readonly ledger?: ReturnType<typeof createSharedLedger>;
  readonly board?: ReturnType<typeof createMinerBoard>;
};

async function setUp({
  exchange,
  moduleUrl,
  databaseUrl,
  ledger = createSharedLedger(),
  board = createMinerBoard(createRegistry()),
}: SetUp) {
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const thread = createGatewayThread(
    { gateway: gatewayOptions, logLevel: "error", maxConnections: 2, moduleUrl },
    {
      ...{ exchange, ledger, logger, metrics, routing: board, clock: createSystemClock() },
      liveView: { live: () => aLiveReport(1), chain: () => null },
      databaseUrl: () => databaseUrl,
      verdicts: await aVerdictSigner(),
      health: () => ({ isAlive: true, isReady: false }),
      onPeriodStarted: () => () => undefined,
    },
  );
  return { logger, metrics, board, ledger, thread };
}

describe("createGatewayThread", () => {
  let bundle: Awaited<ReturnType<typeof bundlePrograms>>;
  let postgres: TestPostgres;
  beforeAll(async () => {
    await ready();
    [bundle, postgres] = await Promise.all([bundlePrograms("threads.tsup.config.mjs"), startTestPostgres()]);
  });
  afterAll(() => Promise.all([bundle.remove(), postgres.stop()]), 60_000);

  const gatewayModule = () => pathToFileURL(join(bundle.folder, "gateway-thread.js"));

  it("serves users by what the core knows, and answers strangers while the core's loop stands still", async () => {
    const databaseUrl = await postgres.createDatabase();
    const store = await openPostgresStore({ url: databaseUrl, maxConnections: 1 }, { logger: recordingLogger() });
    const { key, ...stored } = createApiKey();
    const limits = { requestsPerMinute: 60, tokensPerMinute: null, concurrentRequests: 32 };
    await store.createApiKey({ id: "one", name: "one", ...limits, who: "a test", nowMs: Date.now(), ...stored });
    await store.close();
    const event = (delta: object, finish: string | null) => ({
      id: "x",
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
    const exchange = fakeExchange({ alice: () => ({ events: [event({ content: "Hello there" }, null), event({}, "stop")] }) });
    const { thread, board, ledger } = await setUp({ exchange, moduleUrl: gatewayModule(), databaseUrl });
    ledger.startPeriod([{ hotkey: "alice", taskId: "chat-tiny", units: 10_000 }]);
    const target = { hotkey: "alice", host: "127.0.0.1", port: 1 };
    board.startPeriod(7, [{ target, taskId: "chat-tiny", capacityPerHour: 10_000, sampler: "gumbel-murmur3" }]);
    const url = await thread.listen();
    try {
      const health = await Promise.all(["healthz", "readyz"].map(async (path) => (await fetch(`${url}/${path}`)).status));
      expect(health).toEqual([200, 503]);
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "chat-tiny", messages: [{ role: "user", content: "Hi" }], max_tokens: 16, stream: true }),
      });
      const text = await response.text();
      expect({ status: response.status, hasAnswer: text.includes("Hello there"), isDone: text.includes("[DONE]") }).toEqual({
        status: 200,
        hasAnswer: true,
        isDone: true,
      });
      expect(exchange.requests).toMatchObject([{ target: { hotkey: "alice" }, isOrganic: true }]);

      // The thread has no hotkey: the core signs.
      const miner = createHotkeyFromUri("//Miner");
      const { validator } = await aVerdictSigner();
      expect(await askVerdicts({ url, validator, hotkey: miner, sinceMs: 0 })).toMatchObject({
        ok: true,
        verdicts: [],
        pages: [{ next: null }],
      });

      // This thread stands still until a stranger, in a thread of its own, has an answer.
      const flag = new Int32Array(new SharedArrayBuffer(4));
      const stranger = new Worker(
        `const { parentPort, workerData: { url, flag } } = require("node:worker_threads");
         fetch(url + "/health").then((r) => r.json()).then(({ period }) => { Atomics.store(flag, 0, period); Atomics.notify(flag, 0); });`,
        { eval: true, workerData: { url, flag } },
      );
      const gone = once(stranger, "exit");
      Atomics.wait(flag, 0, 0, 30_000);
      expect(Atomics.load(flag, 0)).toBe(7);
      await gone;
    } finally {
      await thread.close();
    }
  });

  it("regression: keyless senders of large bodies made every user wait and every miner look slow; a miner's times stay what they are", async () => {
    const databaseUrl = await postgres.createDatabase();
    const store = await openPostgresStore({ url: databaseUrl, maxConnections: 1 }, { logger: recordingLogger() });
    const { key, ...stored } = createApiKey();
    const limits = { requestsPerMinute: 1_000_000, tokensPerMinute: null, concurrentRequests: 32 };
    await store.createApiKey({ id: "one", name: "one", ...limits, who: "a test", nowMs: Date.now(), ...stored });
    await store.close();
    const ledger = createSharedLedger();
    const real = await startRealExchange([createFakeBackend()], ledger);
    const { thread, metrics } = await setUp({
      exchange: real.exchange,
      moduleUrl: gatewayModule(),
      databaseUrl,
      ledger,
      board: real.board,
    });
    const url = await thread.listen();
    const ask = async () => {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "chat-tiny", messages: [{ role: "user", content: "Hi" }], max_tokens: 16 }),
      });
      await response.arrayBuffer();
      return response.status;
    };
    /** Statuses of requests one after the other until it is enough, and the middle of the times that were recorded for the miner. */
    const phase = async (isEnough: (count: number) => boolean) => {
      const before = real.results.length;
      const statuses: number[] = [];
      while (!isEnough(statuses.length)) statuses.push(await ask());
      const times = real.results.slice(before).map(({ firstTokenMs }) => firstTokenMs ?? Number.POSITIVE_INFINITY);
      return { statuses: new Set(statuses), firstTokenMs: times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN };
    };
    const refused = () =>
      [...metrics.values].reduce((sum, [name, count]) => (/gatewayRequestsTotal.*"(401|429)"/.test(name) ? sum + count : sum), 0);
    await phase((count) => count === 10); // sessions and code get warm
    const calm = await phase((count) => count === 40);
    const senders = new Worker(pathToFileURL(join(appDir, "test", "fixtures", "keyless-senders.mjs")), {
      workerData: { url: `${url}/v1/chat/completions`, perSecond: 30, bodyBytes: 4_000_000 },
    });
    try {
      await phase(() => refused() > 0);
      const hostile = await phase((count) => count >= 40 && refused() >= 60);
      expect([calm.statuses, hostile.statuses]).toEqual([new Set([200]), new Set([200])]);
      expect(new Set(real.results.map(({ outcome, blame }) => `${outcome} ${blame}`))).toEqual(new Set(["ok nobody"]));
      // 3 ms became 189 ms. The machine is shared with who sends, hence the few milliseconds.
      expect(hostile.firstTokenMs).toBeLessThan(calm.firstTokenMs * 5 + 20);
      expect([...metrics.values.keys()].filter((name) => /standstill.*sender/.test(name))).toEqual([]);
    } finally {
      await senders.terminate();
      await thread.close();
      await real.close();
    }
  });

  it("a bug in the gateway would have ended the validator: its thread is started again on its port, and nobody is blamed", async () => {
    let ended: (result: ExchangeResult | null) => void = () => undefined;
    const asked = new Promise<ExchangeResult | null>((resolve) => {
      ended = resolve;
    });
    let isLost = false;
    const exchange: Exchange = {
      async run({ onParts, signal }) {
        // Parts are taken without waiting for the thread; that it is gone ends the request.
        await onParts?.([]);
        if (!signal.aborted) await once(signal, "abort");
        isLost = true;
        ended(null);
        return null;
      },
    };
    const moduleUrl = pathToFileURL(join(appDir, "test", "fixtures", "crashing-thread.mjs"));
    const { thread, logger, metrics } = await setUp({ exchange, moduleUrl, databaseUrl: "" });
    let restarted: () => void = () => undefined;
    const again = new Promise<void>((resolve) => {
      restarted = resolve;
    });
    const { inc } = metrics.gatewayRequestsTotal;
    metrics.gatewayRequestsTotal.inc = (labels, value) => {
      inc(labels, value);
      restarted();
    };
    expect(await thread.listen()).toBe("http://127.0.0.1:4000");
    await asked;
    await again;
    expect(isLost).toBe(true);
    expect([...metrics.values.keys()]).toContain('gatewayRequestsTotal {"route":"/again","status":"4000"}');
    expect(metrics.values.get('threadRestartsTotal {"thread":"gateway"}')).toBe(1);
    expect(logger.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    await thread.close();
  });

  it("tells why it cannot listen", async () => {
    const databaseUrl = await postgres.createDatabase();
    const first = await setUp({ exchange: { run: async () => null }, moduleUrl: gatewayModule(), databaseUrl });
    const url = await first.thread.listen();
    const second = createGatewayThread(
      { gateway: { ...gatewayOptions, port: Number(new URL(url).port) }, logLevel: "error", maxConnections: 2, moduleUrl: gatewayModule() },
      {
        ...{
          exchange: { run: async () => null },
          routing: first.board,
          verdicts: await aVerdictSigner(),
          liveView: { live: () => aLiveReport(1), chain: () => null },
          ledger: first.ledger,
          logger: first.logger,
          metrics: first.metrics,
        },
        ...{ clock: createSystemClock(), databaseUrl: () => databaseUrl, onPeriodStarted: () => () => undefined },
        health: () => ({ isAlive: true, isReady: true }),
      },
    );
    await expect(second.listen()).rejects.toMatchObject({ code: "VALIDATOR_CANNOT_LISTEN" });
    await Promise.all([first.thread.close(), second.close()]);
  });
});
