import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BroadcastChannel } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type { BackendCall } from "@vision/sdk/backends";
import { createFakeBackend, fakeAnswer } from "@vision/sdk/testing";
import { ready } from "@vision/signing";
import { createSystemClock } from "../src/adapters/clock.js";
import { createSharedLedger } from "../src/adapters/ledger-shared.js";
import { openPostgresStore } from "../src/adapters/postgres/index.js";
import type { Exchange, ExchangeRequest } from "../src/exchange/exchange.js";
import { createApiKey } from "../src/gateway/index.js";
import { aVerdictSigner } from "../src/testing/a-verdict-signer.js";
import { gatewayDefaults } from "../src/testing/gateway-fixture.js";
import { aLiveReport } from "../src/testing/live-samples.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { createRecordingMetrics } from "../src/testing/recording-metrics.js";
import { startTestPostgres, type TestPostgres } from "../src/testing/test-postgres.js";
import { createGatewayThread } from "../src/threads/gateway-thread.js";
import { createPartsLine } from "../src/threads/parts-line.js";
import { createProberThread } from "../src/threads/prober-thread.js";
import { bundlePrograms } from "./bundle-programs.js";
import { startRealExchange } from "./fixtures/start-real-exchange.js";
import { until, within } from "./fixtures/until.js";

const ANSWER = "One two three four five six seven eight nine ten";

/** A whole answer, or its beginning and then nothing, as long as nobody leaves. */
async function* script(call: BackendCall) {
  const isEndless = JSON.stringify(call.request).includes("Never end");
  let steps = 0;
  for await (const step of fakeAnswer(call, ANSWER)) {
    yield step;
    steps += 1;
    if (isEndless && steps === 4) yield { kind: "hang" } as const;
  }
}

/** Both threads, which die when they are told to, one miner, and a key. */
async function startThreads(folder: string, databaseUrl: string) {
  const [clock, logger, metrics] = [createSystemClock(), recordingLogger(), createRecordingMetrics()];
  const store = await openPostgresStore({ url: databaseUrl, maxConnections: 1 }, { logger });
  const { key, ...stored } = createApiKey();
  const limits = { requestsPerMinute: 1_000, tokensPerMinute: null, concurrentRequests: 32 };
  await store.createApiKey({ id: "one", name: "one", ...limits, who: "a test", nowMs: Date.now(), ...stored });
  await store.close();

  const module = (name: string) => pathToFileURL(join(folder, `${name}.js`));
  const line = createPartsLine();
  const prober = createProberThread(
    {
      moduleUrl: module("mortal-prober"),
      data: { hotkeySource: { hotkey: { uri: "//Validator" } }, environment: {}, controlTimeoutMs: 10_000, logLevel: "error" },
    },
    { line: line.prober, clock, logger, metrics },
  );
  const backend = createFakeBackend({ script });
  const ledger = createSharedLedger();
  const real = await startRealExchange([backend], ledger, { asker: prober });
  const requests: ExchangeRequest[] = [];
  const exchange: Exchange = {
    run(request) {
      requests.push(request);
      return real.exchange.run(request);
    },
  };
  const gateway = createGatewayThread(
    { gateway: gatewayDefaults, logLevel: "error", maxConnections: 2, moduleUrl: module("mortal-gateway") },
    {
      ...{ exchange, line: line.gateway, ledger, routing: real.board, clock, logger, metrics, databaseUrl: () => databaseUrl },
      liveView: { live: () => aLiveReport(1), chain: () => null },
      verdicts: await aVerdictSigner(),
      health: () => ({ isAlive: true, isReady: true }),
      onPeriodStarted: () => () => undefined,
    },
  );
  await prober.start();
  const url = await gateway.listen();
  return {
    ...{ backend, metrics, requests, line, results: real.results },
    ask: (content: string, signal: AbortSignal | null = null) =>
      fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "chat-tiny", messages: [{ role: "user", content }], max_tokens: 64, stream: true }),
        signal,
      }),
    async kill(name: "gateway" | "prober") {
      const channel = new BroadcastChannel(`${name} dies`);
      channel.postMessage("now");
      await until(`the ${name}'s end`, () => metrics.values.get(`threadRestartsTotal {"thread":"${name}"}`) === 1);
      channel.close();
    },
    async close() {
      await gateway.close();
      await prober.close();
      await real.close();
    },
  };
}

type Threads = Awaited<ReturnType<typeof startThreads>>;

/** A stream whose first content has come. */
async function begin({ ask }: Threads, signal?: AbortSignal) {
  const response = await ask("Never end", signal);
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  const readMore = async () => {
    const { done, value } = await reader.read();
    seen += value ?? "";
    return !done;
  };
  while (!seen.includes("two")) await within("content", readMore());
  return {
    async rest() {
      while (await within("the stream's end", readMore()));
      return seen;
    },
  };
}

function contentOf(stream: string): string {
  const events = stream.split("\n").filter((each) => each.startsWith("data: {"));
  return events.map((each) => JSON.parse(each.slice(6)).choices[0]?.delta?.content ?? "").join("");
}

describe("parts that go from the prober's thread to the gateway's", () => {
  let bundle: Awaited<ReturnType<typeof bundlePrograms>>;
  let postgres: TestPostgres;
  let threads: Threads | undefined;
  beforeAll(async () => {
    await ready();
    [bundle, postgres] = await Promise.all([bundlePrograms("threads.tsup.config.mjs"), startTestPostgres()]);
  });
  afterEach(() => threads?.close());
  afterAll(() => Promise.all([bundle.remove(), postgres.stop()]), 60_000);

  const start = async () => {
    threads = await startThreads(bundle.folder, await postgres.createDatabase());
    return threads;
  };
  const expectWhole = async ({ ask, requests, results }: Threads) => {
    const text = await within(
      "an answer",
      ask("Hi").then((response) => response.text()),
    );
    expect(contentOf(text)).toBe(ANSWER);
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
    const { direct, onParts } = requests.at(-1) ?? {};
    expect({ isDirect: direct !== undefined, onParts }).toEqual({ isDirect: true, onParts: undefined });
    expect(results.at(-1)).toMatchObject({ outcome: "ok", blame: "nobody" });
  };

  it("bring whole answers, many at once, and none through the core", async () => {
    const started = await start();
    await expectWhole(started);
    const answers = await Promise.all(Array.from({ length: 24 }, async () => (await started.ask("Hi")).text()));
    expect(new Set(answers.map(contentOf))).toEqual(new Set([ANSWER]));
  });

  it("end at the miner when the user leaves", async () => {
    const started = await start();
    const user = new AbortController();
    await begin(started, user.signal);
    user.abort();
    await until("the request's end at the backend", () => started.backend.cancelledCalls === 1 && started.results.length === 1);
    expect(started.results).toMatchObject([{ outcome: "failed", blame: "nobody" }]);
    await expectWhole(started);
  });

  it("end with an error when the prober's thread dies under a stream, and come again when it is started again", async () => {
    const started = await start();
    const stream = await begin(started);
    await started.kill("prober");
    expect(await stream.rest()).toContain('"error"');
    expect(started.results).toMatchObject([{ outcome: "failed", blame: "validator" }]);
    await until("a new line", () => started.line.prober.isLaid());
    await expectWhole(started);
  });

  it("end at the miner when the gateway's thread dies under a stream, and come again when it is started again", async () => {
    const started = await start();
    const stream = await begin(started);
    await started.kill("gateway");
    await expect(stream.rest()).rejects.toThrow();
    await until("the request's end at the backend", () => started.backend.cancelledCalls === 1 && started.results.length === 1);
    expect(started.results).toMatchObject([{ outcome: "failed", blame: "nobody" }]);
    await until("a new line", () => started.line.prober.isLaid());
    await expectWhole(started);
  });
});
