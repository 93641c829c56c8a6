import { describe, expect, it } from "@jest/globals";
import { defaultTasks, getFamily } from "@vision/protocol";
import { backendContractSuite } from "../../testing/backend-contract.js";
import { createBackendCall } from "../backend-call.js";
import { BackendError, type InferenceBackend } from "../inference-backend.js";
import { tiny } from "../tiny/tiny.js";
import type { GeneratedToken } from "./generated-token.js";
import type { TextRequest } from "./read-text-request.js";
import { textBackend } from "./text-backend.js";

const taskOf = (id: string) => {
  const task = defaultTasks.find((one) => one.id === id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
};
const chatTask = taskOf("chat-tiny");
const encoder = new TextEncoder();

/** An engine of a stranger: says the prompt's words again. */
async function* echo({ prompt, sampling, signal }: TextRequest): AsyncGenerator<GeneratedToken, void> {
  const said = prompt.kind === "chat" ? (prompt.messages.at(-1)?.content ?? "") : prompt.text;
  for (const word of said.match(/\s*\S+/g)?.slice(0, sampling.maxTokens) ?? []) {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) return;
    yield { text: word, bytes: encoder.encode(word), logprob: -0.1, topLogprobs: [], isEnd: false };
  }
  yield { text: "<end>", bytes: new Uint8Array(0), logprob: -0.1, topLogprobs: [], isEnd: true };
}

const createEcho = () => textBackend({ name: "echo", generate: (request) => ({ promptTokens: 3, tokens: echo(request) }) });

const callOf = (id: string, request: object) => {
  const task = taskOf(id);
  const parsed = getFamily(task.family).requestSchema.parse({ ...request, model: task.model });
  return createBackendCall({ task, request: parsed, isStream: false, signal: new AbortController().signal });
};

const errorOf = async (
  backend: ReturnType<typeof textBackend>,
  call = callOf("chat-tiny", { messages: [{ role: "user", content: "x" }] }),
) => {
  try {
    for await (const _part of backend.run(call));
    return null;
  } catch (error) {
    return error;
  }
};

describe("textBackend", () => {
  it("refuses pictures, and says whose fault an error is", async () => {
    const picture = await errorOf(createEcho(), callOf("image-tiny", { prompt: "a cat" }));
    expect([BackendError.isInstance(picture, "invalid"), String(picture)]).toEqual([true, expect.stringContaining("echo does not serve")]);
    expect(await createEcho().findObstacle?.({ family: "image-generation", model: "any" })).toContain("does not serve");
    expect(await createEcho().findObstacle?.({ family: "completions", model: "any" })).toBeNull();
    const failing = (error: unknown) => textBackend({ name: "ill", generate: () => Promise.reject(error) });
    expect(await errorOf(failing(new TypeError("undefined is not a function")))).toMatchObject({
      code: "failed",
      message: "ill failed: undefined is not a function",
    });
    const busy = new BackendError({ code: "busy", message: "full" });
    expect(await errorOf(failing(busy))).toBe(busy);
  });

  it("says what is missing to authors without a compiler", async () => {
    expect(() => Reflect.apply(textBackend, null, [{ name: "", genrate: echo }])).toThrow(
      /textBackend have mistakes: name: .*; generate: must be a function; options: .*genrate/,
    );
    const wrong = Reflect.apply(textBackend, null, [{ name: "old", generate: echo }]);
    expect(await errorOf(wrong)).toMatchObject({
      code: "failed",
      message: expect.stringContaining("must return { promptTokens, tokens }"),
    });
  });
});

describe("the backend contract, on a stranger's engine behind textBackend", () => {
  const request = { messages: [{ role: "user", content: "one two three four five" }], max_tokens: 16 };
  for (const { name, run } of backendContractSuite({
    createBackend: createEcho,
    task: chatTask,
    request,
    isDeterministic: true,
    hasSeededSampler: false,
  }))
    it(name, run);
  const completion = { prompt: "one two three four five", max_tokens: 16 };
  for (const { name, run } of backendContractSuite({
    createBackend: createEcho,
    task: taskOf("completion-tiny"),
    request: completion,
    hasSeededSampler: false,
  }))
    it(name, run);
});

describe("the backend contract, on an engine whose model is right and whose sampler is its own", () => {
  it("says that a validator would draw other tokens, which earn nothing", async () => {
    const inner = tiny();
    // The honest model on another seed than the one that was asked for: every token is likely, and none is the right draw.
    const reseeded: InferenceBackend = {
      specificationVersion: 1,
      name: "reseeded",
      run: (call) =>
        inner.run(
          call.familyName === "chat-completions" ? { ...call, request: { ...call.request, seed: (call.request.seed ?? 0) + 1 } } : call,
        ),
    };
    const request = { messages: [{ role: "user", content: "Tell me a story." }], max_tokens: 24 };
    const suite = (backend: InferenceBackend) =>
      backendContractSuite({ createBackend: () => backend, task: chatTask, request }).find(({ name }) => name.includes("seed gives"));
    await expect(suite(reseeded)?.run()).rejects.toThrow(/tokens are the ones that the seed gives.*gumbel-murmur3/);
    await expect(suite(inner)?.run()).resolves.toBeUndefined();
  });
});
