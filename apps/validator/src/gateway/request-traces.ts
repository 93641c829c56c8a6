import { spanFacts, type Tracer, type TraceSpan } from "@vision/program";
import { getFamily, type RequestBody, type Task } from "@vision/protocol";
import type { MinerTarget } from "@vision/sdk/client";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ExchangeResult } from "../exchange/exchange.js";

/** As GenAI conventions name whoever serves a model. */
const PROVIDER = "vision";

/** Follows users' requests for a trace: from their head to the last byte of the answer. */
export type RequestTraces = {
  /** Begins the span of a request that was let in, under the `traceparent` that it came with. It ends with the connection's answer. */
  begin(request: FastifyRequest, reply: FastifyReply, startedAtMs: number): void;
  of(request: FastifyRequest): TraceSpan | null;
};

/** Traces of requests. Nothing of a body, a key or an address is told. */
export function createRequestTraces(tracer: Tracer): RequestTraces {
  const spans = new WeakMap<object, TraceSpan>();
  return {
    of: (request) => spans.get(request.raw) ?? null,
    begin(request, reply, startedAtMs) {
      const { method, headers } = request.raw;
      const route = request.routeOptions.url ?? "unknown";
      const { traceparent, tracestate } = headers;
      const span = tracer.start(`${method} ${route}`, {
        kind: "server",
        startedAtMs,
        facts: { [spanFacts.httpMethod]: method, [spanFacts.httpRoute]: route, "vision.request_id": request.id },
        parent: { traceparent: onlyOne(traceparent), tracestate: onlyOne(tracestate) },
      });
      spans.set(request.raw, span);
      const end = () => {
        const { statusCode, writableFinished } = reply.raw;
        span.note({ [spanFacts.httpStatus]: statusCode, "vision.user_left": !writableFinished });
        if (statusCode >= 500) span.fail(String(statusCode));
        span.end();
      };
      // Who left while the key was looked up leaves no second time.
      if (request.raw.socket.destroyed) end();
      else reply.raw.once("close", end);
    },
  };
}

function onlyOne(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** What is told of a request for one of a task's models. */
export function factsOfTask(task: Task): Readonly<Record<string, string>> {
  return {
    [spanFacts.operation]: getFamily(task.family).operation,
    [spanFacts.provider]: PROVIDER,
    [spanFacts.requestModel]: task.model,
    "vision.task": task.id,
  };
}

/** Begins the span of one request to one miner. The miner itself is sent nothing of it. */
export function beginMinerSpan(
  span: TraceSpan,
  { task, request }: { readonly task: Task; readonly request: RequestBody },
  target: MinerTarget,
): TraceSpan {
  const family = getFamily(task.family);
  return span.startChild(`${family.operation} ${task.model}`, {
    kind: "client",
    facts: {
      ...factsOfTask(task),
      [spanFacts.isStream]: family.isStreamWanted(request),
      [spanFacts.serverAddress]: target.host,
      [spanFacts.serverPort]: target.port,
      "vision.miner": target.hotkey,
    },
  });
}

/** What came of it. What a miner says is wrong stays out: it may be made of the prompt. */
export function noteMinerResult(span: TraceSpan, result: ExchangeResult | null): void {
  if (result === null) {
    span.note({ "vision.outcome": "noRoom" });
    return;
  }
  const { outcome, blame, requestName, firstTokenMs, durationMs, completedUnits } = result;
  span.note({
    "vision.outcome": outcome,
    "vision.blame": blame,
    "vision.units": completedUnits,
    "vision.miner_seconds": durationMs / 1_000,
    ...(requestName === null ? {} : { "vision.request_name": requestName }),
    ...(firstTokenMs === null ? {} : { [spanFacts.firstChunkSeconds]: firstTokenMs / 1_000 }),
  });
  if (outcome !== "ok" && blame !== "nobody") span.fail(outcome);
}
