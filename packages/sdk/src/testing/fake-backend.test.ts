import { describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily, type Task } from "@vision/protocol";
import { createBackendCall } from "../backends/backend-call.js";
import { type BackendCall, BackendError, type InferenceBackend } from "../backends/inference-backend.js";
import { createManualClock } from "../runtime/manual-clock.js";
import { backendContractSuite } from "./backend-contract.js";
import { createFakeBackend } from "./fake-backend.js";

function taskOf(id: string): Task {
  const task = createRegistry().get(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
}

const chat = { messages: [{ role: "user", content: "Hello" }], max_tokens: 16 };

function chatCall(signal = new AbortController().signal): BackendCall {
  const task = taskOf("chat-tiny");
  const family = getFamily(task.family);
  return createBackendCall({ task, request: family.requestSchema.parse({ model: task.model, ...chat }), isStream: true, signal });
}

describe("createFakeBackend", () => {
  it("plays its script and waits on the manual clock", async () => {
    const clock = createManualClock();
    const backend = createFakeBackend({
      clock,
      script: () => [
        { kind: "event", data: "1" },
        { kind: "wait", durationMs: 500 },
        { kind: "event", data: "2" },
      ],
    });
    const iterator = backend.run(chatCall())[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toEqual({ kind: "event", data: "1" });
    let isSecondThere = false;
    const second = iterator.next().then((result) => {
      isSecondThere = true;
      return result;
    });
    await new Promise(setImmediate);
    expect(clock.timerCount).toBe(1);
    clock.advance(499);
    await new Promise(setImmediate);
    expect(isSecondThere).toBe(false);
    clock.advance(1);
    expect((await second).value).toEqual({ kind: "event", data: "2" });
    expect(backend.activeCalls).toBe(1);
    expect((await iterator.next()).done).toBe(true);
    expect(backend).toMatchObject({ activeCalls: 0, cancelledCalls: 0 });
  });

  it("fails as told and counts what was cancelled", async () => {
    const controller = new AbortController();
    const backend = createFakeBackend({
      script: (_call, index) =>
        index === 0
          ? [{ kind: "fail", error: new BackendError({ code: "busy", message: "full", retryAfterMs: 100 }) }]
          : [{ kind: "hang" }],
    });
    await expect(backend.run(chatCall())[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "busy", retryAfterMs: 100 });
    const hanging = backend.run(chatCall(controller.signal))[Symbol.asyncIterator]().next();
    controller.abort();
    await expect(hanging).rejects.toThrow("cancelled");
    expect(backend.calls).toHaveLength(2);
    expect(backend.cancelledCalls).toBe(2);
  });
});

describe("the backend contract, on the fake", () => {
  const requests = { "chat-tiny": chat, "completion-tiny": { prompt: "Hello" }, "image-tiny": { prompt: "a red apple" } };
  for (const [id, request] of Object.entries(requests)) {
    const suite = backendContractSuite({
      createBackend: () => createFakeBackend(),
      task: taskOf(id),
      request,
      isDeterministic: true,
      hasSeededSampler: false,
    });
    for (const { name, run } of suite) it(name, run);
  }
});

describe("the backend contract, on backends that break it", () => {
  const failingCases = async (backend: InferenceBackend) => {
    const suite = backendContractSuite({
      createBackend: () => backend,
      task: taskOf("chat-tiny"),
      request: chat,
      invalidRequest: { ...chat, user: "invalid" },
      patienceMs: 50,
      hasSeededSampler: false,
    });
    const results = await Promise.all(
      suite.map(({ name, run }) =>
        run().then(
          () => null,
          () => name,
        ),
      ),
    );
    return results.filter((name) => name !== null);
  };

  it("notices one that ignores cancellation", async () => {
    const deaf: InferenceBackend = {
      specificationVersion: 1,
      name: "deaf",
      async *run({ isStream }) {
        yield isStream ? { kind: "event", data: "{}" } : { kind: "body", body: "{}" };
        await new Promise(() => undefined);
      },
    };
    expect(await failingCases(deaf)).toEqual(
      expect.arrayContaining([expect.stringContaining("stops soon after the request is cancelled")]),
    );
  });

  it("notices one that answers garbage", async () => {
    const garbage = createFakeBackend({ script: () => [{ kind: "body", body: '{"choices":"none"}' }] });
    const failing = await failingCases(garbage);
    expect(failing).toEqual(
      expect.arrayContaining([expect.stringContaining("exactly one body"), expect.stringContaining("streams events")]),
    );
  });

  it("notices one without logprobs", async () => {
    const data = JSON.stringify({ choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: "stop" }] });
    const bare = createFakeBackend({
      script: () => [
        { kind: "event", data },
        { kind: "event", data },
      ],
    });
    expect(await failingCases(bare)).toEqual(expect.arrayContaining([expect.stringContaining("gives every token a logprob")]));
  });

  it("notices one that accepts what it must refuse", async () => {
    expect(await failingCases(createFakeBackend())).toEqual([expect.stringContaining("refuses what it cannot serve")]);
  });
});
