import {
  BACKEND_SPECIFICATION_VERSION,
  type BackendCall,
  BackendError,
  type BackendHealth,
  type BackendPart,
  type InferenceBackend,
} from "../backends/inference-backend.js";
import { throwIfCancelled } from "../backends/next-turn.js";
import type { Clock } from "../runtime/clock.js";
import { fakeAnswer } from "./fake-answer.js";
import type { FakeStep } from "./fake-step.js";

/** Options of {@link createFakeBackend}. */
export type FakeBackendOptions = {
  /** What to do for a request; `index` counts the requests from 0. A well-formed answer by default. */
  readonly script?: (call: BackendCall, index: number) => Iterable<FakeStep> | AsyncIterable<FakeStep>;
  /** Needed by scripts that wait. */
  readonly clock?: Clock;
  readonly health?: BackendHealth;
};

/** A backend that does as it is told and remembers what it was asked. */
export type FakeBackend = InferenceBackend & {
  /** Every request so far, in order. */
  readonly calls: readonly BackendCall[];
  /** Requests being answered now. */
  readonly activeCalls: number;
  /** Requests that ended before their script did. */
  readonly cancelledCalls: number;
  readonly isClosed: boolean;
};

/**
 * A scriptable backend for tests: parts, delays on a manual clock, failures, hanging.
 *
 * @example
 * ```ts
 * const busy = createFakeBackend({ script: () => [{ kind: "fail", error: new BackendError({ code: "busy", message: "full" }) }] });
 * ```
 */
export function createFakeBackend(options: FakeBackendOptions = {}): FakeBackend {
  const calls: BackendCall[] = [];
  let activeCalls = 0;
  let cancelledCalls = 0;
  let isClosed = false;

  return {
    specificationVersion: BACKEND_SPECIFICATION_VERSION,
    name: "fake",
    async *run(call) {
      const steps = (options.script ?? ((one) => fakeAnswer(one)))(call, calls.length);
      calls.push(call);
      activeCalls += 1;
      let isFinished = false;
      try {
        for await (const step of steps) {
          throwIfCancelled(call.signal);
          if (step.kind === "event" || step.kind === "body") yield step;
          else await perform(step, call.signal, options.clock);
          throwIfCancelled(call.signal);
        }
        isFinished = true;
      } finally {
        activeCalls -= 1;
        if (!isFinished) cancelledCalls += 1;
      }
    },
    async checkHealth() {
      return options.health ?? { isHealthy: true };
    },
    async close() {
      isClosed = true;
    },
    calls,
    get activeCalls() {
      return activeCalls;
    },
    get cancelledCalls() {
      return cancelledCalls;
    },
    get isClosed() {
      return isClosed;
    },
  };
}

async function perform(step: Exclude<FakeStep, BackendPart>, signal: AbortSignal, clock: Clock | undefined): Promise<void> {
  switch (step.kind) {
    case "fail":
      throw step.error;
    case "wait":
      if (clock === undefined) throw new TypeError("A script that waits needs the option `clock`.");
      await Promise.race([elapsed(clock, step.durationMs, signal), aborted(signal)]);
      return;
    case "hang":
      await aborted(signal);
      throw new BackendError({ code: "failed", message: "The request was cancelled.", cause: signal.reason });
  }
}

function elapsed(clock: Clock, durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.setTimer(durationMs, resolve);
    signal.addEventListener("abort", cancel, { once: true });
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
