import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { ExportResultCode, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-base";
import type { ProgramLogger } from "../create-logger.js";
import { spanFacts } from "./span-facts.js";
import type { SpanStart, TracedProgram, Tracer, TraceSpan } from "./tracer.js";
import type { TraceSettings } from "./traces-section.js";

const CLOSE_LIMIT_MS = 2_000;
/** An ss58 address is the longest of what is told; whatever grows longer by mistake is cut. */
const MOST_FACT_CHARACTERS = 256;

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;
const propagator = new W3CTraceContextPropagator();
const fields = {
  get: (carrier: Readonly<Record<string, string | undefined>>, key: string) => carrier[key],
  keys: (carrier: Readonly<Record<string, string | undefined>>) => Object.keys(carrier),
};

/**
 * OpenTelemetry's own SDK. Spans wait in a queue of 2,048 and go out in batches in the background; while a collector is away, or says
 * nothing, what finds the queue full is dropped. Nothing is registered for the process: two tracers know nothing of each other.
 */
export function createTracer(
  settings: TraceSettings & { readonly endpoint: string },
  program: TracedProgram,
  { logger }: { readonly logger: Pick<ProgramLogger, "warn" | "info"> },
): Tracer {
  const { endpoint, headers, sampledFraction } = settings;
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  const own = { "service.name": program.name, "service.version": program.version, "service.instance.id": program.instance };
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes(own))
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: new ParentBasedSampler({
      root: new TraceIdRatioBasedSampler(sampledFraction),
      remoteParentSampled: drawnSampler(sampledFraction),
    }),
    spanLimits: { attributeValueLengthLimit: MOST_FACT_CHARACTERS },
    spanProcessors: [new BatchSpanProcessor(tellingWhetherItWorks(new OTLPTraceExporter({ url, headers }), logger))],
  });
  const tracer = provider.getTracer("vision", program.version);

  const begin = (name: string, { kind, facts, startedAtMs }: SpanStart, parent: Context): TraceSpan => {
    const span = tracer.startSpan(
      name,
      { kind: kinds[kind], attributes: { ...facts }, ...(startedAtMs === undefined ? {} : { startTime: startedAtMs }) },
      parent,
    );
    const context = trace.setSpan(parent, span);
    return {
      startChild: (childName, start) => begin(childName, start, context),
      note: (more) => void span.setAttributes({ ...more }),
      mark: (event) => void span.addEvent(event),
      fail: (errorType) => void span.setAttribute(spanFacts.errorType, errorType).setStatus({ code: SpanStatusCode.ERROR }),
      traceparent: () => traceparentOf(context),
      end: () => endOnce(span),
    };
  };

  return {
    start: (name, { parent = {}, ...start }) => begin(name, start, propagator.extract(ROOT_CONTEXT, parent, fields)),
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_LIMIT_MS);
      });
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

/** Draws by lot, not by the trace's id as OpenTelemetry's own does: a caller chooses its id, and would choose one that is always taken. */
function drawnSampler(fraction: number): Sampler {
  return {
    shouldSample: () => ({ decision: Math.random() < fraction ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD }),
    toString: () => `DrawnSampler{${fraction}}`,
  };
}

function endOnce(span: Span): void {
  if (span.isRecording()) span.end();
}

function traceparentOf(context: Context): string {
  const carrier: Record<string, string> = {};
  propagator.inject(context, carrier, { set: (to, key, value) => void Object.assign(to, { [key]: value }) });
  return carrier["traceparent"] ?? "";
}

/** The exporter, with a line in the log when spans can be sent no more, and one when they can again. */
function tellingWhetherItWorks(exporter: SpanExporter, logger: Pick<ProgramLogger, "warn" | "info">): SpanExporter {
  let isDown = false;
  const noteResult = (hasFailed: boolean, error: Error | undefined) => {
    if (hasFailed === isDown) return;
    isDown = hasFailed;
    if (isDown) logger.warn("Traces cannot be sent and are dropped; check traces.endpoint and the collector", { error: error?.message });
    else logger.info("Traces are sent again");
  };
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        noteResult(result.code !== ExportResultCode.SUCCESS, result.error);
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
