import { describe, expect, it } from "@jest/globals";
import { answerTimeLimits, createRegistry, type Task } from "@vision/protocol";
import type { InferenceBackend } from "../backends/inference-backend.js";
import { pooledBackend } from "../backends/pooled/pooled-backend.js";
import { createManualClock } from "../runtime/manual-clock.js";
import { createFakeBackend } from "../testing/fake-backend.js";
import { startBackendRun } from "./backend-run.js";

const task = createRegistry().get("chat-tiny") as Task;
const request = { model: task.model, messages: [{ role: "user", content: "Hi" }], max_tokens: 8, stream: true };

/** A backend in plain JavaScript, which no compiler holds to anything: it never answers, and ends as it likes. */
function createPlainBackend(end: () => unknown): InferenceBackend {
  const iterator = { next: () => new Promise<never>(() => undefined), return: end as () => Promise<never> };
  return { ...createFakeBackend(), run: () => ({ [Symbol.asyncIterator]: () => iterator }) };
}

const ends = [
  {
    what: "throws at once",
    end: () => {
      throw new Error("not like this");
    },
  },
  { what: "returns no promise", end: () => ({ done: true }) },
  { what: "rejects", end: () => Promise.reject(new Error("not like this")) },
];

describe("startBackendRun", () => {
  it.each(ends)("a backend that $what as its reader leaves ended the miner: it is let go, alone and in a pool", async ({ end }) => {
    for (const backend of [createPlainBackend(end), pooledBackend({ members: [{ backend: createPlainBackend(end) }] })]) {
      const clock = createManualClock();
      const limits = answerTimeLimits(task, 8);
      const client = new AbortController();
      const run = startBackendRun({
        ...{ backend, limits, clock, clientSignal: client.signal, onStop: () => undefined },
        call: { task, request, isStream: true },
      });
      const next = run.next();
      // The pool begins a turn later.
      await new Promise((resolve) => setImmediate(resolve));
      expect(() => client.abort()).not.toThrow();
      await expect(next).rejects.toMatchObject({ reason: "cancelled" });
      // What nobody handles is told by the next turn of the loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});
