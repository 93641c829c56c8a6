import {
  type Answer,
  answerTimeLimits,
  createWireError,
  DONE_EVENT,
  encodeEvent,
  encodeEventText,
  RECEIPT_HEADER,
  receiptEvent,
} from "@vision/protocol";
import type { BackendPart } from "../backends/inference-backend.js";
import type { Clock } from "../runtime/clock.js";
import type { Lease } from "./admission.js";
import type { BackendFailures } from "./backend-failures.js";
import { type BackendRun, RunStopped, startBackendRun } from "./backend-run.js";
import { encodeRawEvent } from "./encode-raw-event.js";
import type { MinerEvent, MinerResponse, MinerTrace } from "./miner.js";
import type { InferenceRequest } from "./parse-inference-request.js";
import { errorResponse, rawJsonResponse } from "./respond.js";
import { type Failure, toFailure } from "./to-failure.js";
import { createUnitCounter } from "./unit-counter.js";

/** An admitted request and what it is answered with. */
export type AnswerInferenceOptions = {
  readonly inference: InferenceRequest;
  /** See `MinerEvent`. */
  readonly requestName: string | null;
  readonly lease: Lease;
  readonly signal: AbortSignal;
  /** The receipt of the finished answer, where the client asked for one. */
  readonly signReceipt: ((answer: Answer) => string) | null;
  readonly clock: Clock;
  readonly failures: BackendFailures;
  /** Follows the request, where its operator wants traces. */
  readonly trace: MinerTrace | undefined;
  /** Given the run before it starts, so that closing the miner can stop it. */
  readonly onStart: (run: BackendRun) => void;
  /** Called exactly once, when the slot is free again. */
  readonly onEnd: (run: BackendRun, outcome: MinerEvent["outcome"], workUnits: number) => void;
};

type Step =
  | { readonly kind: "part"; readonly part: BackendPart }
  | { readonly kind: "end" }
  | { readonly kind: "failed"; readonly failure: Failure };

/**
 * Runs an admitted request. The status line waits for the first part, so that a backend that refuses becomes a 429 or 502; after that
 * every part is passed on as it comes and nothing is kept.
 */
export async function answerInference(options: AnswerInferenceOptions): Promise<MinerResponse> {
  const { inference, requestName, lease, failures, trace } = options;
  const { task, family, request, isStream, served } = inference;
  const units = createUnitCounter(family, request);
  let hasEnded = false;

  const end = (outcome: MinerEvent["outcome"], chargedUnits: number | null, workUnits: number) => {
    if (hasEnded) return;
    hasEnded = true;
    lease.release(chargedUnits);
    options.onEnd(run, outcome, workUnits);
  };

  const traceparent = trace?.startBackend(served.backend.name);
  const run = startBackendRun({
    backend: served.backend,
    call: { task, request, isStream, ...(traceparent === undefined ? {} : { traceparent }) },
    clientSignal: options.signal,
    limits: answerTimeLimits(task, inference.maxWorkUnits),
    unitsSoFar: units.soFar,
    clock: options.clock,
    // A client that leaves is charged what it was sent, as the validator does too: users leave, and must not empty an honest miner's capacity.
    // Where an answer comes as a whole it is charged in full: otherwise leaving just before the end would make work free.
    onStop: (reason) => end(reason === "closed" ? "failed" : reason, reason === "cancelled" ? units.soFar() : 0, 0),
  });
  options.onStart(run);

  const succeed = () => {
    const used = units.count();
    end("ok", used, used ?? 0);
  };

  const fail = (failure: Failure): Step => {
    end(failure.code === "rate_limited" ? "rateLimited" : "failed", 0, 0);
    run.stop("closed");
    return { kind: "failed", failure };
  };

  const step = async (): Promise<Step> => {
    try {
      const part = await run.next();
      if (part === null) return { kind: "end" };
      if ((part.kind === "event") !== isStream) {
        failures.note("The backend answered in the wrong form", {
          requestName,
          backend: served.backend.name,
          task: task.id,
          form: part.kind,
          isStream,
        });
        return fail({ code: "backend_failed", message: "The backend failed." });
      }
      units.add(part);
      return { kind: "part", part };
    } catch (error) {
      if (!(error instanceof RunStopped)) {
        failures.note("The backend failed", { requestName, backend: served.backend.name, task: task.id, error: describeError(error) });
      }
      return fail(toFailure(error));
    }
  };

  const receipt = () => {
    const answer = options.signReceipt === null ? null : units.answer();
    return answer === null ? null : (options.signReceipt?.(answer) ?? null);
  };

  const first = await step();
  if (first.kind === "part") trace?.noteFirstPart();
  if (first.kind === "failed") return failureResponse(first.failure);
  if (first.kind === "end") {
    const failure: Failure = { code: "backend_failed", message: "The backend answered nothing." };
    fail(failure);
    return failureResponse(failure);
  }
  if (first.part.kind === "body") {
    succeed();
    // The backend may have something to put away. Whatever else it says is not heard.
    void run.next().then(
      (extra) => extra !== null && run.stop("closed"),
      () => undefined,
    );
    const signed = receipt();
    const response = rawJsonResponse(first.part.body);
    return signed === null ? response : { ...response, headers: { ...response.headers, [RECEIPT_HEADER]: signed } };
  }
  return {
    status: 200,
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", "x-accel-buffering": "no" },
    body: streamEvents({ first: first.part, step, succeed, receipt, run }),
  };
}

type StreamOptions = {
  readonly first: BackendPart;
  readonly step: () => Promise<Step>;
  readonly succeed: () => void;
  readonly receipt: () => string | null;
  readonly run: BackendRun;
};

/** One chunk per part, pulled by the consumer: its pace is the backend's. The closing event comes only after a whole answer. */
function streamEvents({ first, step, succeed, receipt, run }: StreamOptions): AsyncIterable<string> {
  let pending: Step | null = { kind: "part", part: first };
  let isOver = false;
  const over: IteratorResult<string> = { done: true, value: undefined };
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        if (isOver) return over;
        const current: Step = pending ?? (await step());
        pending = null;
        switch (current.kind) {
          case "part":
            return { done: false, value: current.part.kind === "event" ? encodeRawEvent(current.part.data) : "" };
          case "end": {
            isOver = true;
            succeed();
            const signed = receipt();
            return { done: false, value: signed === null ? DONE_EVENT : encodeEventText(receiptEvent(signed)) + DONE_EVENT };
          }
          case "failed":
            isOver = true;
            return { done: false, value: encodeEvent(createWireError(current.failure.code, current.failure.message)) };
        }
      },
      async return() {
        isOver = true;
        run.stop("cancelled");
        return over;
      },
    }),
  };
}

function failureResponse({ code, message, retryAfterMs }: Failure): MinerResponse {
  return errorResponse(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : String(error).slice(0, 500);
}
