import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { openTracer, tracesSection } from "@vision/program";
import { startOtlpReceiver } from "@vision/program/testing";
import { BackendError } from "@vision/sdk";
import { createFakeBackend } from "@vision/sdk/testing";
import { ready } from "@vision/signing";
import { z } from "zod";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { startRealGateway } from "./fixtures/start-real-gateway.js";

/** A Python with `opentelemetry-proto`, in an environment of its own. */
const python = process.env["VISION_OTLP_PYTHON"] ?? "";

const spanSchema = z.object({
  resource: z.record(z.string(), z.unknown()),
  scope: z.string(),
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string(),
  name: z.string(),
  kind: z.string(),
  status: z.string(),
  startedNs: z.string().transform(BigInt),
  endedNs: z.string().transform(BigInt),
  facts: z.record(z.string(), z.unknown()),
  events: z.array(z.string()),
});

type Compared = Pick<z.output<typeof spanSchema>, "traceId" | "spanId" | "parentSpanId" | "name" | "facts"> & {
  readonly events: readonly string[];
};

beforeAll(() => ready());

describe("traces, read by OpenTelemetry's classes for Python", () => {
  (python === "" ? it.skip : it)(
    `are whole and say the same${python === "" ? " (VISION_OTLP_PYTHON names no Python with opentelemetry-proto)" : ""}`,
    async () => {
      const collector = await startOtlpReceiver();
      const settings = tracesSection.parse({ endpoint: collector.url });
      const program = { name: "vision-validator", version: "1.2.3", instance: "5Test" };
      const tracer = await openTracer(settings, program, { logger: recordingLogger() });
      const away = createFakeBackend({ script: () => [{ kind: "fail", error: new BackendError({ code: "failed", message: "away" }) }] });
      const gateway = await startRealGateway([away, createFakeBackend()], { tracer });
      const begunNs = BigInt(Date.now()) * 1_000_000n;
      try {
        const body = { model: "chat-tiny", messages: [{ role: "user", content: "Hello" }], max_tokens: 8, stream: true };
        const response = await gateway.post("/v1/chat/completions", body, { headers: { "x-request-id": "mine-1" } });
        expect(response.status).toBe(200);
        await response.text();
      } finally {
        // Sends what is left.
        await gateway.close();
        await collector.close();
      }
      const input = collector.exports.map(({ body }) => `${body.toString("base64")}\n`).join("");
      const read = spawnSync(python, [join(import.meta.dirname, "python", "read-otlp.py")], { input, encoding: "utf8" });
      expect({ status: read.status, stderr: read.stderr }).toEqual({ status: 0, stderr: "" });
      const spans = z.array(spanSchema).parse(JSON.parse(read.stdout));

      // Our own reader, which the other tests rest on, finds the same.
      const compared = ({ traceId, spanId, parentSpanId, name, facts, events }: Compared) => ({
        traceId,
        spanId,
        parentSpanId,
        name,
        facts,
        events,
      });
      expect(collector.spans().map(compared)).toEqual(spans.map(compared));
      const [failed, answered, request] = spans;
      expect(spans.map(({ kind, status }) => [kind, status])).toEqual([
        ["SPAN_KIND_CLIENT", "STATUS_CODE_ERROR"],
        ["SPAN_KIND_CLIENT", "STATUS_CODE_UNSET"],
        ["SPAN_KIND_SERVER", "STATUS_CODE_UNSET"],
      ]);
      expect([failed?.parentSpanId, answered?.parentSpanId, request?.parentSpanId]).toEqual([request?.spanId, request?.spanId, ""]);
      expect(request?.facts).toMatchObject({ "vision.request_id": "mine-1", "gen_ai.request.stream": true });
      expect(request?.resource).toMatchObject({ "service.name": "vision-validator", "service.version": "1.2.3" });
      for (const { name, startedNs, endedNs } of spans) {
        expect({ name, isInTime: startedNs >= begunNs && endedNs >= startedNs && endedNs <= BigInt(Date.now() + 1) * 1_000_000n }).toEqual({
          name,
          isInTime: true,
        });
      }
    },
  );
});
