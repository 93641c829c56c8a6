import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { openTracer, tracesSection } from "@vision/program";
import { type OtlpReceiver, startOtlpReceiver } from "@vision/program/testing";
import { BackendError, type MinerRequest } from "@vision/sdk";
import { createFakeBackend } from "@vision/sdk/testing";
import { ready } from "@vision/signing";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { bundlePrograms } from "./bundle-programs.js";
import { type RealGateway, startRealGateway } from "./fixtures/start-real-gateway.js";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const asUser = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01`, tracestate: "rojo=00f067aa0ba902b7", baggage: "userId=alice" };
const chat = (content: string, more: object = {}) => ({
  ...{ model: "chat-tiny", messages: [{ role: "user", content }], max_tokens: 16, stream: true },
  ...more,
});

let closers: (() => Promise<unknown>)[] = [];
beforeAll(() => ready());
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

type SetUp = { readonly backends?: readonly ReturnType<typeof createFakeBackend>[]; readonly answer?: "ok" | "hang" };

async function setUp({ backends = [createFakeBackend()], answer = "ok" }: SetUp = {}) {
  const collector = await startOtlpReceiver({ answer });
  closers.push(() => collector.close());
  const settings = tracesSection.parse({ endpoint: collector.url });
  const tracer = await openTracer(settings, { name: "vision-validator", version: "0", instance: "5Test" }, { logger: recordingLogger() });
  const atMiners: MinerRequest[] = [];
  const gateway = await startRealGateway(backends, { tracer, onMinerRequest: (request) => atMiners.push(request) });
  closers.push(() => gateway.close());
  return { collector, gateway, atMiners };
}

async function answerOf(gateway: RealGateway, body: object, headers: Readonly<Record<string, string>> = {}) {
  const response = await gateway.post("/v1/chat/completions", body, { headers });
  return { status: response.status, text: await response.text() };
}

/** All spans: the end of the gateway ends what is under way and sends what is left. */
async function allSpans({ gateway, collector }: { readonly gateway: RealGateway; readonly collector: OtlpReceiver }) {
  await gateway.close();
  return collector.spans();
}

describe("traces of the gateway", () => {
  it("show a user's request under its own parent, and the request to the miner under that", async () => {
    const { collector, gateway } = await setUp();
    expect((await answerOf(gateway, chat("Hello"), { ...asUser, "x-request-id": "mine-1" })).status).toBe(200);
    const [miner, request] = await allSpans({ gateway, collector });
    expect(request).toMatchObject({
      name: "POST /v1/chat/completions",
      kind: "server",
      traceId: TRACE_ID,
      parentSpanId: "b7ad6b7169203331",
    });
    expect(request?.facts).toMatchObject({
      "http.request.method": "POST",
      "http.route": "/v1/chat/completions",
      "http.response.status_code": 200,
      "gen_ai.operation.name": "chat",
      "gen_ai.request.stream": true,
      "gen_ai.request.choice.count": 1,
      "gen_ai.usage.output_tokens": expect.any(Number),
      "vision.request_id": "mine-1",
      "vision.task": "chat-tiny",
      "vision.user_left": false,
    });
    expect(miner).toMatchObject({
      kind: "client",
      traceId: TRACE_ID,
      parentSpanId: request?.spanId,
      hasFailed: false,
      events: ["first content"],
    });
    expect(miner?.name).toBe(`chat ${miner?.facts["gen_ai.request.model"]}`);
    expect(miner?.facts).toMatchObject({
      "server.address": "127.0.0.1",
      "vision.miner": gateway.results[0]?.hotkey,
      "vision.outcome": "ok",
      "vision.units": gateway.results[0]?.completedUnits,
      "gen_ai.response.time_to_first_chunk": expect.any(Number),
    });
  });

  it("give miners nothing: what comes over the wire is the same with traces and without", async () => {
    const { gateway, atMiners } = await setUp();
    await answerOf(gateway, chat("Hello", { seed: 1 }), asUser);
    const plain: MinerRequest[] = [];
    const untraced = await startRealGateway([createFakeBackend()], { onMinerRequest: (request) => plain.push(request) });
    closers.push(() => untraced.close());
    await answerOf(untraced, chat("Hello", { seed: 1 }));
    const inferred = (requests: readonly MinerRequest[]) => requests.filter(({ path }) => path === "/v1/chat/completions");
    const [[traced], [bare]] = [inferred(atMiners), inferred(plain)];
    expect(Object.keys(traced?.headers ?? {})).toEqual(Object.keys(bare?.headers ?? {}));
    expect(Buffer.from(traced?.body ?? []).toString()).toBe(Buffer.from(bare?.body ?? []).toString());
    const sent = atMiners
      .map(({ path, headers, body }) => `${path} ${JSON.stringify(headers)} ${Buffer.from(body).toString("latin1")}`)
      .join("\n");
    expect(atMiners.length).toBeGreaterThan(0);
    for (const secret of [TRACE_ID, "traceparent", "tracestate", "baggage", "b7ad6b7169203331", "rojo"]) expect(sent).not.toContain(secret);
  });

  it.each([
    ["failed", "cannot answer xyzzy-prompt", true],
    // Whether miner or user is at fault is not known when it ends.
    ["invalid", "bad prompt: xyzzy-prompt", false],
  ] as const)("hold nothing of prompts, answers, keys or what a miner says that %s", async (code, message, isBlamed) => {
    const leaky = createFakeBackend({ script: () => [{ kind: "fail", error: new BackendError({ code, message }) }] });
    const { collector, gateway } = await setUp({ backends: [leaky, createFakeBackend()] });
    const { text } = await answerOf(gateway, chat("xyzzy-prompt", { user: "plugh-user" }));
    const words = text.match(/"content":"([^"]{3,})"/)?.[1] ?? "";
    expect(words).not.toBe("");
    await answerOf(gateway, { ...chat("xyzzy-prompt"), model: "xyzzy-prompt" });
    const spans = await allSpans({ gateway, collector });
    expect(spans.filter(({ kind }) => kind === "client").map(({ facts, hasFailed }) => [facts["vision.outcome"], hasFailed])).toEqual([
      ["failed", isBlamed],
      ["ok", false],
    ]);
    const sent = Buffer.concat(collector.exports.map(({ body }) => body)).toString("latin1");
    expect(sent).toContain("chat-tiny");
    for (const secret of ["xyzzy", "plugh", words, gateway.key, gateway.key.slice(0, 12)]) expect(sent).not.toContain(secret);
  });

  it("show a request that nobody could answer as failed", async () => {
    const away = createFakeBackend({ script: () => [{ kind: "fail", error: new BackendError({ code: "failed", message: "away" }) }] });
    const { collector, gateway } = await setUp({ backends: [away] });
    const { status } = await answerOf(gateway, chat("Hello"));
    const request = (await allSpans({ gateway, collector })).find(({ kind }) => kind === "server");
    expect(request).toMatchObject({ hasFailed: true, facts: { "http.response.status_code": status, "error.type": String(status) } });
  });

  it("trace nobody who is not let in", async () => {
    const { collector, gateway } = await setUp();
    expect((await answerOf(gateway, chat("Hello"), { ...asUser, authorization: "Bearer wrong" })).status).toBe(401);
    await answerOf(gateway, chat("Hello"));
    expect((await allSpans({ gateway, collector })).filter(({ kind }) => kind === "server").map(({ traceId }) => traceId)).not.toContain(
      TRACE_ID,
    );
  });

  it("make nobody wait while the collector hangs", async () => {
    const { collector, gateway } = await setUp({ answer: "hang" });
    // More than a batch, so that one is under way and never answered while the others come in.
    const ask = async () => (await answerOf(gateway, chat("Hello", { max_tokens: 1 }))).status;
    for (let round = 0; round < 10; round += 1) expect(new Set(await Promise.all(Array.from({ length: 30 }, ask)))).toEqual(new Set([200]));
    await collector.until((spans) => spans.length >= 512);
    expect(await ask()).toBe(200);
    await gateway.close();
  });
});

describe("the programs with traces off", () => {
  it("load no line of OpenTelemetry's SDK", async () => {
    const bundle = await bundlePrograms("threads.tsup.config.mjs");
    closers.push(() => bundle.remove());
    const names = (await readdir(bundle.folder)).filter((name) => name.endsWith(".js"));
    const texts = new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(bundle.folder, name), "utf8")] as const)));
    const loaded = new Set<string>();
    const load = (name: string) => {
      if (loaded.has(name)) return;
      loaded.add(name);
      for (const [, next = ""] of (texts.get(name) ?? "").matchAll(/^(?:import|export)\b[^;]*?"\.\/([^"]+)";/gm)) load(next);
    };
    load("gateway-thread.js");
    const withSdk = names.filter((name) => texts.get(name)?.includes("OTLPTraceExporter"));
    expect(withSdk.length).toBeGreaterThan(0);
    expect(withSdk.filter((name) => loaded.has(name) && !/await import\(/.test(texts.get(name) ?? ""))).toEqual([]);
    for (const name of withSdk) expect([name, loaded.has(name)]).toEqual([name, false]);
  });
});
