import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import * as conventions from "@opentelemetry/semantic-conventions/incubating";
import { startOtlpReceiver } from "../testing/otlp-receiver.js";
import { openTracer } from "./open-tracer.js";
import { spanFacts } from "./span-facts.js";
import { tracesSection } from "./traces-section.js";

const program = { name: "vision-test", version: "1.2.3", instance: "5Test" };
const logger = () => ({ warn: jest.fn(), info: jest.fn() });
const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(settings: object, answer: "ok" | "hang" = "ok", log = logger()) {
  const collector = await startOtlpReceiver({ answer });
  closers.push(() => collector.close());
  const tracer = await openTracer(tracesSection.parse({ endpoint: collector.url, ...settings }), program, { logger: log });
  if (tracer === null) throw new Error("an endpoint is set");
  return { collector, tracer, log };
}

describe("openTracer", () => {
  it("opens nothing without an endpoint", async () => {
    expect(await openTracer(tracesSection.parse({}), program, { logger: logger() })).toBeNull();
  });

  it("sends spans as OTLP over HTTP, children under their parents, with the program's name", async () => {
    const { collector, tracer } = await open({ headers: { "x-key": "k" } });
    const request = tracer.start("POST /v1/things", {
      kind: "server",
      facts: { [spanFacts.httpMethod]: "POST", "vision.n": 3, left: undefined },
    });
    const child = request.startChild("chat model", { kind: "client", facts: { "vision.share": 0.5, "vision.is_good": true } });
    child.mark("first content");
    child.fail("timeout");
    child.end();
    request.note({ [spanFacts.httpStatus]: 502 });
    request.end();
    request.end();
    await tracer.close();

    const [first] = collector.exports;
    expect(first?.path).toBe("/v1/traces");
    expect(first?.headers).toMatchObject({ "content-type": "application/x-protobuf", "x-key": "k" });
    const spans = collector.spans();
    expect(spans.map(({ name, kind, hasFailed, events }) => ({ name, kind, hasFailed, events }))).toEqual([
      { name: "chat model", kind: "client", hasFailed: true, events: ["first content"] },
      { name: "POST /v1/things", kind: "server", hasFailed: false, events: [] },
    ]);
    expect(spans[0]?.facts).toEqual({ "vision.share": 0.5, "vision.is_good": true, "error.type": "timeout" });
    expect(spans[1]?.facts).toEqual({ "http.request.method": "POST", "vision.n": 3, "http.response.status_code": 502 });
    expect(spans[0]?.parentSpanId).toBe(spans[1]?.spanId);
    expect(spans[0]?.traceId).toBe(spans[1]?.traceId);
    expect(spans[1]?.parentSpanId).toBe("");
    expect(spans[0]?.resource).toMatchObject({ "service.name": "vision-test", "service.version": "1.2.3", "service.instance.id": "5Test" });
  });

  it("takes a caller's traceparent, and its word that nothing is to be traced", async () => {
    const { collector, tracer } = await open({ sampledFraction: 1 });
    const start = { kind: "server", facts: {} } as const;
    tracer.start("own", start).end();
    tracer.start("sampled", { ...start, parent: { traceparent: PARENT } }).end();
    tracer.start("not sampled", { ...start, parent: { traceparent: PARENT.replace(/01$/, "00") } }).end();
    tracer.start("no traceparent", { ...start, parent: { traceparent: "00-zz-01" } }).end();
    await tracer.close();
    const told = collector.spans().map(({ name, traceId, parentSpanId }) => ({ name, traceId, parentSpanId }));
    expect(told.map(({ name }) => name)).toEqual(["own", "sampled", "no traceparent"]);
    expect(told[1]).toEqual({ name: "sampled", traceId: "0af7651916cd43dd8448eb211c80319c", parentSpanId: "b7ad6b7169203331" });
  });

  it("traces no more of those who ask for it than the operator's fraction, whatever id they choose", async () => {
    const { collector, tracer } = await open({ sampledFraction: 0.25 });
    const ids = ["0".repeat(31).concat("1"), "0af7651916cd43dd8448eb211c80319c", "f".repeat(32)];
    for (let n = 0; n < 1_200; n += 1) {
      const traceparent = `00-${ids[n % ids.length]}-b7ad6b7169203331-01`;
      const span = tracer.start("asked", { kind: "server", facts: {}, parent: { traceparent } });
      span.startChild("asked of a miner", { kind: "client", facts: {} }).end();
      span.end();
    }
    await tracer.close();
    const spans = collector.spans();
    const sampled = spans.filter(({ name }) => name === "asked");
    // 300 of 1,200 are expected; six standard deviations are 90.
    expect(Math.abs(sampled.length - 300)).toBeLessThan(90);
    for (const id of ids) expect({ id, isSometimes: sampled.some(({ traceId }) => traceId === id) }).toEqual({ id, isSometimes: true });
    expect(spans).toHaveLength(2 * sampled.length);
  });

  it("traces nobody at a fraction of 0", async () => {
    const { collector, tracer } = await open({ sampledFraction: 0 });
    tracer.start("asked", { kind: "server", facts: {}, parent: { traceparent: PARENT } }).end();
    await tracer.close();
    expect(collector.spans()).toEqual([]);
  });

  it("tells servers behind it their parent", async () => {
    const { collector, tracer } = await open({});
    const span = tracer.start("asked", { kind: "server", facts: {}, parent: { traceparent: PARENT } });
    const told = span.traceparent();
    span.end();
    await tracer.close();
    expect(told).toBe(`00-0af7651916cd43dd8448eb211c80319c-${collector.spans()[0]?.spanId}-01`);
  });

  it("never holds more than its queue, and closes in time, while a collector says nothing", async () => {
    const { collector, tracer } = await open({}, "hang");
    const spans = 20_000;
    for (let n = 0; n < spans; n += 1) tracer.start("asked", { kind: "server", facts: {} }).end();
    await collector.until((received) => received.length > 0);
    await tracer.close();
    // One batch is under way; the rest of what was sent is the queue, at the close.
    expect(collector.spans().length).toBeLessThanOrEqual(512 + 2_048);
  });

  it("says once that a collector is away, and what to do", async () => {
    process.env["OTEL_EXPORTER_OTLP_TIMEOUT"] = "500"; // the SDK's own setting: no second attempt fits in
    try {
      const { collector, tracer, log } = await open({});
      await collector.close();
      closers.pop();
      for (let n = 0; n < 3 * 512; n += 1) tracer.start("asked", { kind: "server", facts: {} }).end();
      await tracer.close();
      expect(log.warn.mock.calls).toEqual([[expect.stringContaining("check traces.endpoint"), expect.anything()]]);
    } finally {
      delete process.env["OTEL_EXPORTER_OTLP_TIMEOUT"];
    }
  });
});

describe("the names of what spans say", () => {
  it("are those of OpenTelemetry's conventions", () => {
    const official: readonly unknown[] = Object.values(conventions);
    for (const name of Object.values(spanFacts)) expect([name, official.includes(name)]).toEqual([name, true]);
  });
});

const python = process.env["OTLP_PYTHON"];

describe("OTLP as opentelemetry-proto reads it", () => {
  (python === undefined ? it.skip : it)("is read by the official Python package as by the receiver of these tests", async () => {
    const { collector, tracer } = await open({});
    const request = tracer.start("POST /v1/things", {
      kind: "server",
      facts: { "vision.n": 3, "vision.share": 0.5 },
      parent: { traceparent: PARENT },
    });
    request.mark("first content");
    request.fail("timeout");
    request.end();
    await tracer.close();
    const script = [
      "import sys, json",
      "from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest",
      "from google.protobuf.json_format import MessageToDict",
      "print(json.dumps(MessageToDict(ExportTraceServiceRequest.FromString(sys.stdin.buffer.read()))))",
    ].join("\n");
    const read = JSON.parse(execFileSync(python ?? "", ["-c", script], { input: collector.exports[0]?.body, encoding: "utf8" }));
    const span = read.resourceSpans[0].scopeSpans[0].spans[0];
    const [received] = collector.spans();
    const hex = (base64: string) => Buffer.from(base64, "base64").toString("hex");
    expect(span).toMatchObject({ name: "POST /v1/things", kind: "SPAN_KIND_SERVER", status: { code: "STATUS_CODE_ERROR" } });
    expect({ traceId: hex(span.traceId), spanId: hex(span.spanId), parentSpanId: hex(span.parentSpanId) }).toEqual({
      traceId: received?.traceId,
      spanId: received?.spanId,
      parentSpanId: "b7ad6b7169203331",
    });
    expect(span.attributes).toContainEqual({ key: "vision.n", value: { intValue: "3" } });
    expect(span.attributes).toContainEqual({ key: "vision.share", value: { doubleValue: 0.5 } });
    expect(span.events[0].name).toBe(received?.events[0]);
    expect(read.resourceSpans[0].resource.attributes).toContainEqual({ key: "service.name", value: { stringValue: "vision-test" } });
  });
});
