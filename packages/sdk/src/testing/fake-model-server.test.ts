import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { defaultTasks, type Task } from "@vision/protocol";
import { openaiCompatible } from "../backends/openai/openai-compatible.js";
import { backendContractSuite } from "./backend-contract.js";
import { type FakeModelServer, startFakeModelServer } from "./fake-model-server.js";

let server: FakeModelServer;
beforeAll(async () => {
  server = await startFakeModelServer({ models: ["meta-llama/Llama-3.1-8B-Instruct"] });
});
afterAll(() => server.close());

function taskOf(id: string): Task {
  const task = defaultTasks.find((one) => one.id === id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
}

const cases = [
  ...backendContractSuite({
    createBackend: () => openaiCompatible({ baseUrl: server.baseUrl }),
    task: taskOf("chat-llama-3-1-8b"),
    request: { messages: [{ role: "user", content: "Say something." }], max_tokens: 16 },
    isDeterministic: true,
  }),
  ...backendContractSuite({
    createBackend: () => openaiCompatible({ baseUrl: server.baseUrl }),
    task: taskOf("completion-llama-3-1-8b"),
    request: { prompt: "Once upon a time", max_tokens: 16 },
    isDeterministic: true,
  }),
];

describe("the stand-in model server", () => {
  it.each(cases)("$name", async ({ run }) => {
    await run();
  });

  it("lists its models, so that a miner sees which one is missing", async () => {
    const backend = openaiCompatible({ baseUrl: server.baseUrl, model: "another-model" });
    const health = await backend.checkHealth?.({ signal: AbortSignal.timeout(5_000) });
    await backend.close?.();
    expect(health).toMatchObject({ isHealthy: false, detail: expect.stringContaining("another-model") });
  });

  it("refuses what the protocol refuses, and what it has not", async () => {
    const post = (path: string, body: string) => fetch(new URL(path, server.baseUrl), { method: "POST", body });
    expect((await post("/v1/chat/completions", "{}")).status).toBe(400);
    expect((await post("/v1/chat/completions", "no json")).status).toBe(400);
    expect((await post("/v1/nothing", "{}")).status).toBe(404);
  });
});
