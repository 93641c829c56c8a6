import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "@jest/globals";
import { createRegistry, defaultTasks } from "@vision/protocol";
import { chatEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";
import { settle } from "../testing/manual-clock.js";
import { connectRaw } from "../testing/raw-http.js";

const good: FakeMiner = () => ({ events: chatEvents(["Hello", " world"]) });
const hanging: FakeMiner = () => ({ events: chatEvents(["Hello"]).slice(0, 2), end: "hang" });
const chat = { model: "chat-tiny", messages: [{ role: "user", content: "hi" }], max_tokens: 20 };
const path = "/v1/chat/completions";

let fixture: GatewayFixture;
afterEach(() => fixture.close());

type Changes = NonNullable<Parameters<typeof startGateway>[1]>;

async function start(miner: FakeMiner, changes: Changes = {}): Promise<string> {
  fixture = await startGateway({ a: miner }, changes);
  return fixture.addKey();
}

function post(key: string | null, body: unknown = chat, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${fixture.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
    body: typeof body === "string" || Buffer.isBuffer(body) ? (body as string) : JSON.stringify(body),
  });
}

async function codeOf(response: Response): Promise<readonly [number, string]> {
  const { error } = (await response.json()) as { readonly error: { readonly code: string } };
  return [response.status, error.code];
}

/** A head with a body of that length to come. */
const head = (key: string, length: number, more = "") =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${more}\r\n`;

describe("a body is not read before its sender is known", () => {
  it("regression: 4 MB of a stranger were read and parsed before the key was looked at; it is refused at its headers and closed", async () => {
    await start(good);
    const { socket, closed } = await connectRaw(fixture.url);
    socket.write(head("vsn-nobody", 4_000_000));
    expect(await closed).toMatch(/^HTTP\/1.1 401 [\s\S]*connection: close[\s\S]*invalid_api_key/i);
  });

  it("is refused at its headers when it is larger than any task can use", async () => {
    const key = await start(good);
    const { socket, closed } = await connectRaw(fixture.url);
    socket.write(head(key, 2_000_000));
    expect(await closed).toMatch(/^HTTP\/1.1 413 [\s\S]*payload_too_large/);
  });

  it("is closed at the bound when its length is not announced", async () => {
    const key = await start(good);
    const { socket, closed } = await connectRaw(fixture.url);
    socket.write(head(key, 0).replace("content-length: 0", "transfer-encoding: chunked"));
    const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
    for (let index = 0; index < 10; index += 1) socket.write(chunk);
    expect(await closed).toMatch(/^HTTP\/1.1 413 [\s\S]*payload_too_large/);
  });

  it("is refused unparsed above the key's rate, and so is one for an address that does not exist", async () => {
    await start(good);
    const key = await fixture.addKey({ requestsPerMinute: 1 });
    expect((await post(key)).status).toBe(200);
    const limited = await connectRaw(fixture.url);
    limited.socket.write(head(key, 60_000));
    expect(await limited.received("rate_limit_exceeded")).toMatch(/^HTTP\/1.1 429 /);
    // One who is known may go on after it.
    limited.socket.write(`${"x".repeat(60_000)}GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(await limited.closed).toContain("HTTP/1.1 200 OK");
    const nowhere = await connectRaw(fixture.url);
    nowhere.socket.write(head(key, 4_000_000).replace(path, "/v1/nothing"));
    expect(await nowhere.closed).toMatch(/^HTTP\/1.1 404 [\s\S]*unknown_url/);
  });

  it("is asked for only when it is wanted: no 100 Continue for a stranger", async () => {
    const key = await start(good);
    const stranger = await connectRaw(fixture.url);
    stranger.socket.write(head("vsn-nobody", 4_000_000, "expect: 100-continue\r\n"));
    expect(await stranger.closed).toMatch(/^HTTP\/1.1 401 /);
    const text = JSON.stringify(chat);
    const known = await connectRaw(fixture.url);
    known.socket.write(head(key, text.length, "expect: 100-continue\r\nconnection: close\r\n"));
    await known.received("HTTP/1.1 100 Continue");
    known.socket.write(text);
    expect(await known.closed).toContain("HTTP/1.1 200 OK");
  });

  it("leaves the connection open for the next request where little is pending", async () => {
    const key = await start(good);
    const { socket, closed, received } = await connectRaw(fixture.url);
    const text = JSON.stringify(chat);
    socket.write(head("vsn-nobody", text.length) + text);
    await received("invalid_api_key");
    socket.write(head(key, text.length, "connection: close\r\n") + text);
    expect(await closed).toMatch(/401[\s\S]*HTTP\/1.1 200 OK/);
  });

  it("regression: invalid JSON never reached the rate limiter", async () => {
    await start(good);
    const key = await fixture.addKey({ requestsPerMinute: 2 });
    expect(await codeOf(await post(key, "{"))).toEqual([400, "invalid_json"]);
    expect(await codeOf(await post(key, "{"))).toEqual([400, "invalid_json"]);
    expect(await codeOf(await post(key, "{"))).toEqual([429, "rate_limit_exceeded"]);
  });

  it("may hold as much as the largest context that is served, and no more values than that", async () => {
    const registry = createRegistry(defaultTasks.map((task) => (task.id === "chat-llama-3-1-8b" ? { ...task, isEnabled: true } : task)));
    const key = await start(good, { registry });
    const long = { ...chat, model: "chat-llama-3-1-8b", messages: [{ role: "user", content: "x ".repeat(30_000) }] };
    expect((await post(key, long)).status).toBe(200);
    const many = `{"model":"chat-tiny","messages":[${"[],".repeat(40_000)}[]]}`;
    expect(await codeOf(await post(key, many))).toEqual([400, "invalid_json"]);
  });
});

describe("compressed bodies", () => {
  it("are taken when they are gzip, and bounded by what they become", async () => {
    const key = await start(good);
    const zipped = await post(key, gzipSync(JSON.stringify(chat)), { "content-encoding": "gzip" });
    expect([zipped.status, await zipped.text()]).toEqual([200, expect.anything()]);
    const bomb = gzipSync(`{"model":"${"x".repeat(50_000_000)}"}`);
    expect(bomb.length).toBeLessThan(60_000);
    expect(await codeOf(await post(key, bomb, { "content-encoding": "gzip" }))).toEqual([413, "payload_too_large"]);
    expect(await codeOf(await post(key, "no gzip", { "content-encoding": "gzip" }))).toEqual([400, "invalid_json"]);
    expect(await codeOf(await post(key, gzipSync("{}"), { "content-encoding": "br" }))).toEqual([415, "unsupported_media_type"]);
  });

  it("regression: a text cut within an emoji made honest miners' servers fail; no miner is sent half a character", async () => {
    const key = await start(good);
    const messages = [{ role: "user", content: "well done \ud83d" }];
    expect((await post(key, { ...chat, messages })).status).toBe(200);
    expect(fixture.exchange.requests.map(({ request }) => request["messages"])).toEqual([[{ role: "user", content: "well done \ufffd" }]]);
  });

  it("that are cut off by the user do not stay under way", async () => {
    const key = await start(good);
    const { socket, closed } = await connectRaw(fixture.url);
    socket.write(`${head(key, 1_000, "content-encoding: gzip\r\n")}\x1f`);
    await settle(10);
    socket.destroy();
    await closed;
    await settle(50);
    expect(fixture.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
    expect((await post(key)).status).toBe(200);
  });
});

describe("strangers", () => {
  it("are limited by address, whatever they ask for, while good keys pass from the same one", async () => {
    const key = await start(good, { options: { strangerRequestsPerMinute: 3 } });
    expect((await post(key)).status).toBe(200);
    expect((await fetch(`${fixture.url}/v1/periods/1`)).status).toBe(404);
    expect((await post("vsn-wrong")).status).toBe(401);
    expect((await fetch(`${fixture.url}/nothing`)).status).toBe(404);
    for (const response of [await post(null), await post("vsn-wrong"), await fetch(`${fixture.url}/v1/periods/latest`)]) {
      expect([response.status, response.headers.get("retry-after")]).toEqual([429, "20"]);
    }
    expect((await post(key)).status).toBe(200);
    expect((await fetch(`${fixture.url}/health`)).status).toBe(200);
  });

  it("are told apart behind a proxy that is trusted, and only there", async () => {
    const from = (address: string) => fetch(`${fixture.url}/v1/periods/1`, { headers: { "x-forwarded-for": address } });
    await start(good, { options: { strangerRequestsPerMinute: 1 } });
    expect((await from("198.51.100.1")).status).toBe(404);
    expect((await from("198.51.100.2")).status).toBe(404);
    expect((await from("198.51.100.2")).status).toBe(429);
    expect((await from("2001:db8::1")).status).toBe(404);
    // The same customer's network.
    expect((await from("2001:db8::2")).status).toBe(429);
    await fixture.close();
    await start(good, { options: { strangerRequestsPerMinute: 1, trustedProxies: [] } });
    expect((await from("198.51.100.1")).status).toBe(404);
    expect((await from("198.51.100.2")).status).toBe(429);
  });

  it("hold no more connections than one address may", async () => {
    await start(good, { options: { maxConnectionsPerAddress: 2, trustedProxies: [] } });
    const [first] = [await connectRaw(fixture.url), await connectRaw(fixture.url)];
    const third = await connectRaw(fixture.url);
    expect(await third.closed).toBe("");
    expect(fixture.metrics.values.get('gatewayConnectionsRefusedTotal {"reason":"address"}')).toBe(1);
    first.socket.end();
    await first.closed;
    expect((await fetch(`${fixture.url}/health`)).status).toBe(200);
  });
});

describe("limits of a key", () => {
  it("are told in OpenAI's headers, tokens among them, and count what was delivered", async () => {
    await start(good);
    const key = await fixture.addKey({ requestsPerMinute: 60, tokensPerMinute: 100 });
    const response = await post(key);
    const told = Object.fromEntries([...response.headers].filter(([name]) => name.startsWith("x-ratelimit")));
    expect(told).toEqual({
      "x-ratelimit-limit-requests": "60",
      "x-ratelimit-remaining-requests": "59",
      "x-ratelimit-reset-requests": "1s",
      "x-ratelimit-limit-tokens": "100",
      "x-ratelimit-remaining-tokens": "80",
      "x-ratelimit-reset-tokens": "12s",
    });
    await response.text();
    // Two tokens were delivered, not the twenty that were expected.
    expect((await post(key)).headers.get("x-ratelimit-remaining-tokens")).toBe("78");
  });

  it("hold back tokens above a minute's, until time has passed", async () => {
    await start(good);
    const key = await fixture.addKey({ tokensPerMinute: 21 });
    expect((await post(key)).status).toBe(200);
    const refused = await post(key);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "3"]);
    await fixture.clock.advance(3_000);
    expect((await post(key)).status).toBe(200);
  });

  it("regression: one key held any number of requests at a time", async () => {
    await start(hanging);
    const key = await fixture.addKey({ concurrentRequests: 2 });
    const controller = new AbortController();
    const streams = [1, 2].map(() =>
      fetch(`${fixture.url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ ...chat, stream: true }),
        signal: controller.signal,
      }),
    );
    await Promise.all(streams);
    expect(await codeOf(await post(key))).toEqual([429, "rate_limit_exceeded"]);
    controller.abort();
    while (fixture.exchange.results.length < 2) await settle(1);
    await settle(10);
    expect(fixture.exchange.requests).toHaveLength(2);
    const again = await connectRaw(fixture.url);
    again.socket.write(head(key, JSON.stringify(chat).length) + JSON.stringify(chat));
    while (fixture.exchange.requests.length < 3) await settle(1);
    again.socket.destroy();
    await again.closed;
  });

  it("hold back who leaves answers unfinished again and again", async () => {
    await start(hanging);
    const key = await fixture.addKey({ requestsPerMinute: 100 });
    const body = JSON.stringify({ ...chat, stream: true });
    for (let index = 0; index < 50; index += 1) {
      const { socket, closed, received } = await connectRaw(fixture.url);
      socket.write(head(key, body.length) + body);
      await received("Hello");
      socket.destroy();
      await closed;
      while (fixture.exchange.results.length <= index) await settle(1);
    }
    await settle(10);
    const response = await post(key);
    expect(response.status).toBe(429);
    expect(await response.text()).toContain("left before their end");
  });
});

describe("names, origins and wrong HTTP", () => {
  it("gives the user's name of a request back, or makes one, also for errors", async () => {
    const key = await start(() => {
      throw new Error("inside");
    });
    expect((await post(key, chat, { "x-request-id": "my-id-7" })).headers.get("x-request-id")).toBe("my-id-7");
    expect(fixture.logger.lines.find(({ level }) => level === "error")?.facts).toMatchObject({ requestId: "my-id-7" });
    expect((await post(key, chat, { "x-request-id": 'no good "name"' })).headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
    expect((await post(null)).headers.get("x-request-id")).toMatch(/^req_/);
  });

  it("names streams too, and lets pages of other origins read them", async () => {
    const key = await start(good);
    const response = await post(key, { ...chat, stream: true }, { origin: "https://app.example" });
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-expose-headers")).toContain("x-request-id");
    await response.text();
  });

  it("answers a browser's question beforehand, for the origins that are set", async () => {
    await start(good, { options: { corsOrigins: ["https://app.example"] } });
    const ask = (origin: string) =>
      fetch(`${fixture.url}${path}`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,x-stainless-os" },
      });
    const allowed = await ask("https://app.example");
    expect([allowed.status, allowed.headers.get("access-control-allow-headers")]).toEqual([204, "authorization,x-stainless-os"]);
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect((await ask("https://other.example")).headers.get("access-control-allow-origin")).toBeNull();
  });

  it("answers what is no HTTP, and heads that are too large, in OpenAI's shape", async () => {
    await start(good);
    const nonsense = await connectRaw(fixture.url);
    nonsense.socket.write("HELLO\r\n\r\n");
    expect(await nonsense.closed).toMatch(/^HTTP\/1.1 400 Bad Request[\s\S]*"code":"invalid_http"/);
    const large = await connectRaw(fixture.url);
    large.socket.write(`GET / HTTP/1.1\r\nx: ${"x".repeat(40_000)}\r\n\r\n`);
    expect(await large.closed).toMatch(/^HTTP\/1.1 431 [\s\S]*"code":"headers_too_large"/);
    const refused = (reason: string) => fixture.metrics.values.get(`gatewayConnectionsRefusedTotal {"reason":"${reason}"}`);
    expect([refused("invalid_http"), refused("headers_too_large"), refused("address")]).toEqual([1, 1, undefined]);
  });

  it("regression: a body whose pieces are no HTTP was cut off without a word; an answer under way still is", async () => {
    const key = await start(hanging);
    const chunked = head(key, 0).replace("content-length: 0", "transfer-encoding: chunked");
    const broken = await connectRaw(fixture.url);
    broken.socket.write(`${chunked}5\r\n{"mod\r\nZZ\r\n`);
    expect(await broken.closed).toMatch(/^HTTP\/1.1 400 Bad Request[\s\S]*"code":"invalid_http"[^{}]*}}$/);
    const streaming = await connectRaw(fixture.url);
    const body = JSON.stringify({ ...chat, stream: true });
    streaming.socket.write(head(key, body.length) + body);
    await streaming.received("Hello");
    streaming.socket.write("no HTTP\r\n\r\n");
    expect(await streaming.closed).not.toContain("invalid_http");
    expect(fixture.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("regression: a request without Host, or with an expectation that nobody knows, was refused without a word", async () => {
    const key = await start(good);
    const nameless = await connectRaw(fixture.url);
    nameless.socket.write("GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n");
    expect(await nameless.closed).toMatch(/^HTTP\/1.1 400 Bad Request[\s\S]*"code":"invalid_http"/);
    const expecting = await connectRaw(fixture.url);
    const body = JSON.stringify(chat);
    expecting.socket.write(head(key, body.length, "expect: wonders\r\nconnection: close\r\n") + body);
    expect(await expecting.closed).toMatch(/^HTTP\/1.1 200 OK[\s\S]*Hello world/);
  });

  it("finds a model by the name that requests take, slashes and all", async () => {
    const registry = createRegistry(defaultTasks.map((task) => (task.id === "chat-llama-3-1-8b" ? { ...task, isEnabled: true } : task)));
    const key = await start(good, { registry });
    for (const name of ["meta-llama/Llama-3.1-8B-Instruct", "meta-llama%2FLlama-3.1-8B-Instruct", "chat-llama-3-1-8b"]) {
      const response = await fetch(`${fixture.url}/v1/models/${name}`, { headers: { authorization: `Bearer ${key}` } });
      expect([name, await response.json()]).toMatchObject([name, { id: "chat-llama-3-1-8b", model: "meta-llama/Llama-3.1-8B-Instruct" }]);
    }
  });
});

describe("a user who closes its side of the connection after the request", () => {
  it.each([false, true])("regression: got nothing; it gets its answer (streamed: %s)", async (stream) => {
    const key = await start(good);
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const run = fixture.exchange.run;
    fixture.exchange.run = async (request) => {
      await finished;
      return run(request);
    };
    const body = JSON.stringify({ ...chat, stream });
    const { socket, closed, received } = await connectRaw(fixture.url);
    socket.end(head(key, body.length) + body);
    await received("HTTP/1.1 102 Processing");
    finish();
    const text = await closed;
    expect(text).toContain("HTTP/1.1 200 OK");
    expect(text).toContain(stream ? "[DONE]" : "Hello world");
  });

  it("is not taken for one when it has left: its stream ends", async () => {
    const key = await start(hanging);
    const body = JSON.stringify({ ...chat, stream: true });
    const { socket, received } = await connectRaw(fixture.url);
    socket.write(head(key, body.length) + body);
    await received("Hello");
    socket.destroy();
    while (fixture.exchange.results.length === 0) await settle(1);
    expect(fixture.exchange.results).toMatchObject([{ blame: "nobody" }]);
  });
});

describe("a gateway that is told to stop", () => {
  const openStream = async (key: string) => {
    const body = JSON.stringify({ ...chat, stream: true });
    const raw = await connectRaw(fixture.url);
    raw.socket.write(head(key, body.length) + body);
    await raw.received("Hello");
    return raw;
  };

  it("regression: cut answers under way off; it waits for them, and asks newcomers to come back", async () => {
    const key = await start(good);
    let finish: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const run = fixture.exchange.run;
    const asked = new Promise<void>((resolve) => {
      fixture.exchange.run = async (request) => {
        resolve();
        await answered;
        return run(request);
      };
    });
    const answer = post(key);
    await asked;
    let isDrained = false;
    const drained = fixture.gateway.drain().then(() => {
      isDrained = true;
    });
    const refused = await post(key);
    expect([refused.status, refused.headers.get("retry-after"), refused.headers.get("connection")]).toEqual([503, "10", "close"]);
    expect((await fetch(`${fixture.url}/health`)).status).toBe(503);
    expect(isDrained).toBe(false);
    finish();
    expect((await answer).status).toBe(200);
    await drained;
  });

  it("cuts off what takes longer than it was given, at nobody's cost", async () => {
    const key = await start(hanging, { options: { drainMs: 5_000 } });
    const { closed } = await openStream(key);
    const drained = fixture.gateway.drain();
    await fixture.clock.advance(5_000);
    await drained;
    await fixture.gateway.close();
    await closed;
    expect(fixture.exchange.results).toMatchObject([{ outcome: "failed", blame: "nobody" }]);
    expect(fixture.logger.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  });

  it("does not wait for who has left", async () => {
    const key = await start(hanging);
    const { socket } = await openStream(key);
    const drained = fixture.gateway.drain();
    socket.destroy();
    await drained;
  });
});

describe("many requests at once", () => {
  it("regression: more than ten printed a warning about listeners", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on("warning", note);
    try {
      const key = await start(hanging);
      const controller = new AbortController();
      const all = Array.from({ length: 20 }, () =>
        fetch(`${fixture.url}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
          body: JSON.stringify({ ...chat, stream: true }),
          signal: controller.signal,
        }),
      );
      await Promise.all(all);
      controller.abort();
      while (fixture.exchange.results.length < 20) await settle(1);
      expect(warnings.filter(({ name }) => name === "MaxListenersExceededWarning")).toEqual([]);
    } finally {
      process.off("warning", note);
    }
  });
});
