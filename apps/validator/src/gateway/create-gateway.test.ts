import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type EpochObservations, type ScoringParams, scoreEpoch, VISION } from "@vision/scoring";
import { chatEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";
import { settle } from "../testing/manual-clock.js";
import { aPeriodReport } from "../testing/store-samples.js";

const words = ["Hello", " world"];
const good: FakeMiner = () => ({ events: chatEvents(words) });

let fixture: GatewayFixture;
afterEach(() => fixture.close());

async function start(miners: Readonly<Record<string, FakeMiner>>): Promise<string> {
  fixture = await startGateway(miners);
  return fixture.addKey();
}

function post(path: string, key: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${fixture.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

const chat = { model: "chat-tiny", messages: [{ role: "user", content: "hi" }], max_tokens: 20 };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settle(1);
}

describe("failover", () => {
  it("asks the next miner when one fails before the first token, also after it opened a stream", async () => {
    const opening = chatEvents(words).slice(0, 1);
    const key = await start({ a: () => ({ end: "failed" }), b: () => ({ events: opening, end: "failed" }), c: good });
    const response = await post("/v1/chat/completions", key, { ...chat, stream: true });
    const text = await response.text();
    expect(text.match(/"role":"assistant"/g)).toHaveLength(1);
    expect(text).toContain("Hello");
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(fixture.exchange.requests.map((request) => request.target.hotkey)).toEqual(["a", "b", "c"]);
    expect(fixture.exchange.requests.every((request) => request.isOrganic)).toBe(true);
  });

  it("asks the next miner when an answer that is not streamed breaks off half-way, and mixes nothing", async () => {
    const key = await start({ a: () => ({ events: chatEvents(["WRONG"]).slice(0, 2), end: "failed" }), b: good });
    const body = (await (await post("/v1/chat/completions", key, { ...chat, logprobs: true })).json()) as {
      choices: [{ message: { content: string }; logprobs: { content: unknown[] } }];
    };
    expect(body.choices[0].message.content).toBe("Hello world");
    expect(body.choices[0].logprobs.content).toHaveLength(2);
  });

  it("passes over a miner whose room was taken meanwhile, without counting it as a try", async () => {
    const key = await start({ a: () => ({ end: "full" }), b: () => ({ end: "full" }), c: () => ({ end: "full" }), d: good });
    expect((await post("/v1/chat/completions", key, chat)).status).toBe(200);
  });

  it("gives up after the allowed number of tries: 502 when miners failed, 503 when all refused", async () => {
    const key = await start({ a: () => ({ end: "failed" }), b: () => ({ end: "failed" }), c: () => ({ end: "failed" }), d: good });
    const failed = await post("/v1/chat/completions", key, { ...chat, stream: true });
    expect([failed.status, await failed.json()]).toMatchObject([502, { error: { code: "backend_failed", type: "server_error" } }]);
    expect(fixture.exchange.requests).toHaveLength(3);
    await fixture.close();
    const secondKey = await start({ a: () => ({ end: "rateLimited" }) });
    const refused = await post("/v1/chat/completions", secondKey, chat);
    expect([refused.status, refused.headers.get("retry-after"), await refused.json()]).toMatchObject([
      503,
      "2",
      { error: { code: "no_capacity" } },
    ]);
  });
});

describe("a request that a miner calls not valid", () => {
  const refused: FakeMiner = () => ({ end: "refused" });

  it("regression: one user's bad request was charged to every miner it was tried on", async () => {
    const key = await start({ a: refused, b: refused, c: good });
    const response = await post("/v1/chat/completions", key, { ...chat, stream: true });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: "invalid_request", message: expect.stringContaining("refused by a") } },
    ]);
    expect(fixture.exchange.requests).toHaveLength(2);
    expect(fixture.exchange.settled).toEqual([
      ["a", "nobody"],
      ["b", "nobody"],
    ]);
  });

  it("counts against the miner that refused when another one answers", async () => {
    const key = await start({ a: refused, b: () => ({ end: "failed" }), c: good });
    expect((await post("/v1/chat/completions", key, chat)).status).toBe(200);
    expect(fixture.exchange.settled).toEqual([["a", "miner"]]);
  });

  it("is told to the user when there is nobody else to ask, and is not when others only failed", async () => {
    const key = await start({ a: refused });
    expect((await post("/v1/chat/completions", key, chat)).status).toBe(400);
    await fixture.close();
    const secondKey = await start({ a: refused, b: () => ({ end: "failed" }) });
    expect((await post("/v1/chat/completions", secondKey, chat)).status).toBe(502);
    expect(fixture.exchange.settled).toEqual([["a", "nobody"]]);
  });
});

describe("a request that no miner could ever hold", () => {
  it("regression: was told to try again for ever; it is refused with the reason", async () => {
    const key = await start({ a: good });
    fixture.setBudget(1_000);
    const large = { model: "image-tiny", prompt: "a fox", n: 8, steps: 150 };
    const response = await post("/v1/images/generations", key, large);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: "invalid_request", message: expect.stringMatching(/1200 steps.*1000/) } },
    ]);
    expect(fixture.exchange.requests).toEqual([]);
  });

  it("may be asked for again when there is no miner at the moment", async () => {
    const key = await start({});
    expect((await post("/v1/chat/completions", key, chat)).status).toBe(503);
  });
});

describe("an answer that cannot be shown", () => {
  it("regression: a stream that could not be written on was nobody's fault; it is the miner's, and the next one is asked", async () => {
    const broken = { choices: [{ index: 0, delta: { content: "x", tool_calls: "none" }, finish_reason: null }] };
    const key = await start({ a: () => ({ events: [broken] }), b: good });
    const response = await post("/v1/chat/completions", key, { ...chat, stream: true });
    expect(await response.text()).toContain("Hello");
    expect(fixture.exchange.results).toMatchObject([{ outcome: "failed", blame: "miner" }, { outcome: "ok" }]);
  });
});

describe("a user who goes away", () => {
  it("ends the miner's request, and nobody is blamed", async () => {
    const key = await start({ a: () => ({ events: chatEvents(words).slice(0, 2), end: "hang" }), b: good });
    const controller = new AbortController();
    const response = await fetch(`${fixture.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify({ ...chat, stream: true }),
      signal: controller.signal,
    });
    const reader = response.body?.getReader();
    await reader?.read();
    controller.abort();
    await reader?.closed.catch(() => {});
    await until(() => fixture.exchange.results.length > 0);
    expect(fixture.exchange.results).toMatchObject([{ outcome: "failed", blame: "nobody" }]);
    expect(fixture.exchange.requests).toHaveLength(1);
  });

  it("ends the request of an answer that is not streamed too, and no other miner is asked", async () => {
    const key = await start({ a: () => ({ end: "hang" }), b: good });
    const request = httpRequest(`${fixture.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    });
    request.on("error", () => {});
    request.end(JSON.stringify(chat));
    await until(() => fixture.exchange.requests.length === 1);
    request.destroy();
    await until(() => fixture.exchange.results.length > 0);
    await settle();
    expect(fixture.exchange.requests).toHaveLength(1);
  });

  it("holds the miner back while the user does not read", async () => {
    const alternative = { token: "x".repeat(4096), logprob: -1, bytes: null };
    const logprobs = { content: [{ token: "x", logprob: -1, top_logprobs: Array.from({ length: 20 }, () => alternative) }] };
    const event = { choices: [{ index: 0, delta: { content: "x" }, logprobs, finish_reason: null }] };
    const last = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
    const MOST = 320; // 25 MB, more than any socket buffer takes
    let sent = 0;
    let isEnough = false;
    function* events() {
      for (; sent < MOST && !isEnough; sent += 1) yield event;
      yield last;
    }
    const key = await start({ a: () => ({ events: events() }) });
    const { hostname, port } = new URL(fixture.url);
    const body = JSON.stringify({ ...chat, max_tokens: MOST, logprobs: true, top_logprobs: 20, stream: true });
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
    await once(socket, "readable");
    // Until no more is taken from the miner.
    for (let before = -1; before !== sent; ) {
      before = sent;
      await settle(20);
    }
    expect(sent).toBeLessThan(MOST);
    expect(fixture.exchange.results).toEqual([]);
    isEnough = true;
    let bytes = 0;
    socket.on("data", (chunk) => {
      bytes += chunk.length;
    });
    socket.resume();
    await once(socket, "close");
    expect(bytes).toBeGreaterThan(sent * 20 * 4096);
    expect(fixture.exchange.results).toMatchObject([{ outcome: "ok" }]);
  });

  it("is told when the gateway closes", async () => {
    const key = await start({ a: () => ({ events: chatEvents(words).slice(0, 2), end: "hang" }) });
    const response = await post("/v1/chat/completions", key, { ...chat, stream: true });
    const text = response.text().catch(() => "cut off");
    await until(() => fixture.exchange.requests.length === 1);
    await fixture.close();
    await text;
    expect(fixture.exchange.results).toMatchObject([{ blame: "nobody" }]);
  });
});

describe("bad requests", () => {
  it("get an answer in OpenAI's shape for broken JSON, no JSON, another type, too much, and unknown addresses", async () => {
    const key = await start({ a: good });
    for (const [response, status, code] of [
      [await post("/v1/chat/completions", key, "{"), 400, "invalid_json"],
      [
        await post("/v1/chat/completions", key, `{"model":"chat-tiny","deep":${"[".repeat(5_000)}${"]".repeat(5_000)}}`),
        400,
        "invalid_json",
      ],
      [await post("/v1/chat/completions", key, "[]"), 400, "invalid_request"],
      [await post("/v1/chat/completions", key, "null"), 400, "invalid_request"],
      [await post("/v1/chat/completions", key, "x", { "content-type": "text/plain" }), 415, "unsupported_media_type"],
      [await post("/v1/chat/completions", key, { ...chat, user: "x".repeat(5 * 1024 * 1024) }), 413, "payload_too_large"],
      [await post("/v1/moderations", key, {}), 404, "unknown_url"],
      [await fetch(`${fixture.url}/v1/chat/completions`), 404, "unknown_url"],
      [await fetch(`${fixture.url}/v1/periods/soon`), 400, "invalid_request"],
    ] as const) {
      const body: unknown = await response.json();
      expect([response.status, body]).toMatchObject([status, { error: { code, message: expect.any(String) } }]);
    }
    expect(fixture.exchange.requests).toEqual([]);
  });

  it("do not tell of the inside", async () => {
    const key = await start({
      a: () => {
        throw new Error("secret detail");
      },
    });
    const response = await post("/v1/chat/completions", key, chat);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret detail");
    expect(fixture.logger.lines.filter((line) => line.level === "error")).toHaveLength(1);
  });
});

describe("API keys", () => {
  it("are looked up once in a few seconds; a revoked one dies after that", async () => {
    const key = await start({ a: good });
    let lookups = 0;
    const find = fixture.store.findApiKey;
    fixture.store.findApiKey = (hash) => {
      lookups += 1;
      return find(hash);
    };
    for (let index = 0; index < 5; index += 1) expect((await post("/v1/chat/completions", key, chat)).status).toBe(200);
    expect(lookups).toBe(1);
    await fixture.store.revokeApiKey("key-0", { who: "a test", nowMs: 1 });
    await fixture.clock.advance(5_000);
    expect((await post("/v1/chat/completions", key, chat)).status).toBe(401);
  });

  it("that were good shortly before stay good while the store is away; unknown ones get a 503", async () => {
    const key = await start({ a: good });
    expect((await post("/v1/chat/completions", key, chat)).status).toBe(200);
    fixture.store.setUnreachable(true);
    await fixture.clock.advance(60_000);
    expect((await post("/v1/chat/completions", key, chat)).status).toBe(200);
    const other = await post("/v1/chat/completions", "vsn-other", chat);
    expect([other.status, other.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await fetch(`${fixture.url}/v1/periods/latest`)).status).toBe(503);
  });

  it("have their last use written when the gateway closes", async () => {
    const key = await start({ a: good });
    await post("/v1/chat/completions", key, chat);
    await fixture.close();
    expect((await fixture.store.listApiKeys())[0]?.lastUsedAtMs).toBe(fixture.clock.nowMs());
  });
});

describe("public addresses", () => {
  it("said all was well whatever was the matter: they tell whether the program lives and is of use, and nothing else", async () => {
    await start({ a: good });
    const ask = async () =>
      Promise.all(
        ["healthz", "readyz"].map(async (path) => {
          const response = await fetch(`${fixture.url}/${path}`);
          return [response.status, await response.text()];
        }),
      );
    expect(await ask()).toEqual([
      [200, ""],
      [200, ""],
    ]);
    fixture.setHealth({ isAlive: true, isReady: false });
    expect(await ask()).toEqual([
      [200, ""],
      [503, ""],
    ]);
    fixture.setHealth({ isAlive: false, isReady: false });
    expect((await ask())[0]).toEqual([503, ""]);
    fixture.setHealth({ isAlive: true, isReady: true });
    await fixture.gateway.drain();
    const [alive, ready] = await ask();
    expect(alive).toEqual([200, ""]);
    expect(ready?.[0]).toBe(503);
  });

  it("refuse users while too little is known of the validator, and say when to come again", async () => {
    const key = await start({ a: good });
    fixture.setCutOff(true);
    const response = await post("/v1/chat/completions", key, chat);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "10"]);
    expect(await response.json()).toMatchObject({ error: { code: "overloaded" } });
    expect((await fetch(`${fixture.url}/healthz`)).status).toBe(200);
    fixture.setCutOff(false);
    expect((await post("/v1/chat/completions", key, chat)).status).toBe(200);
  });

  it("give reports of periods and health to everybody", async () => {
    await start({ a: good });
    await fixture.store.savePeriodReport(aPeriodReport(6));
    const read = async (path: string) => {
      const response = await fetch(`${fixture.url}/v1/periods/${path}`);
      return { status: response.status, body: (await response.json()) as unknown };
    };
    expect(await read("latest")).toEqual({ status: 200, body: aPeriodReport(6) });
    expect(await read("6")).toEqual({ status: 200, body: aPeriodReport(6) });
    expect(await read("5")).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
    expect(await read("-1")).toMatchObject({ status: 400 });
    expect(await (await fetch(`${fixture.url}/health`)).json()).toEqual({ status: "ok", period: 7 });
  });

  it("give scores and all that they were computed from, so that anybody can compute them again", async () => {
    await start({ a: good });
    const observations = { period: 6, periodsPerHour: 1, taskWeights: { "chat-tiny": 1 }, targets: {}, series: [] };
    const report = scoreEpoch(observations, VISION);
    await fixture.store.saveEpoch({ period: 6, createdAtMs: 60, report }, { params: VISION, observations });
    for (const period of ["latest", "6"]) {
      const inputs = await fetch(`${fixture.url}/v1/periods/${period}/observations`);
      expect(inputs.headers.get("content-encoding")).toBe("gzip");
      const parsed = (await inputs.json()) as { params: ScoringParams; observations: EpochObservations };
      const scores = await (await fetch(`${fixture.url}/v1/periods/${period}/scores`)).json();
      expect(scores).toEqual({ ...scoreEpoch(parsed.observations, parsed.params), createdAtMs: 60 });
    }
    const plain = await fetch(`${fixture.url}/v1/periods/6/observations`, { headers: { "accept-encoding": "identity" } });
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect(await plain.json()).toEqual({ params: VISION, observations });
    expect((await fetch(`${fixture.url}/v1/periods/5/scores`)).status).toBe(404);
    expect((await fetch(`${fixture.url}/v1/periods/5/observations`)).status).toBe(404);
  });

  it("regression: reports were read, packed and unpacked anew for everybody who asked; they are kept, and not sent again unchanged", async () => {
    await start({ a: good });
    const observations = { period: 6, periodsPerHour: 1, taskWeights: { "chat-tiny": 1 }, series: [], targets: {} };
    const report = scoreEpoch(observations, VISION);
    await fixture.store.saveEpoch({ period: 6, createdAtMs: 60, report }, { params: VISION, observations });
    let reads = 0;
    const read = fixture.store.getScoringInputs;
    fixture.store.getScoringInputs = (period) => {
      reads += 1;
      return read(period);
    };
    const url = `${fixture.url}/v1/periods/6/observations`;
    for (const encoding of ["gzip", "identity"]) {
      const first = await fetch(url, { headers: { "accept-encoding": encoding } });
      const text = await first.text();
      const etag = first.headers.get("etag") ?? "";
      expect(etag).toMatch(/^".+"$/);
      expect(await (await fetch(url, { headers: { "accept-encoding": encoding } })).text()).toBe(text);
      const unchanged = await fetch(url, { headers: { "accept-encoding": encoding, "if-none-match": etag } });
      expect([unchanged.status, await unchanged.text()]).toEqual([304, ""]);
    }
    expect(reads).toBe(1);
    await fixture.clock.advance(2_000);
    await fixture.store.saveEpoch(
      { period: 6, createdAtMs: 61, report },
      { params: { ...VISION }, observations: { ...observations, period: 7 } },
    );
    expect(await (await fetch(url)).json()).toMatchObject({ observations: { period: 7 } });
    expect(reads).toBe(2);
  });

  it("do not hang with the database", async () => {
    await start({ a: good });
    fixture.store.getLatestPeriodReport = () => new Promise(() => undefined);
    const answer = fetch(`${fixture.url}/v1/periods/latest`);
    while (fixture.clock.sleepers() === 0) await settle(1);
    await fixture.clock.advance(5_000);
    const response = await answer;
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
  });

  it("are measured, streams included", async () => {
    const key = await start({ a: good });
    await (await post("/v1/chat/completions", key, { ...chat, stream: true })).text();
    await fetch(`${fixture.url}/v1/periods/5`);
    await settle();
    const { values } = fixture.metrics;
    expect(values.get('gatewayRequestsTotal {"route":"/v1/chat/completions","status":"200"}')).toBe(1);
    expect(values.get('gatewayRequestsTotal {"route":"/v1/periods/:period","status":"404"}')).toBe(1);
  });
});
