// @ts-check
import { after, before, describe, it } from "node:test";
import { defaultTasks } from "@vision/sdk";
import { backendContractSuite, startFakeModelServer } from "@vision/sdk/testing";
import { createBackend } from "./backend.js";
import { settings } from "./settings.js";

const task = defaultTasks.find(({ id }) => id === settings.task);
if (task === undefined) throw new Error(`The SDK does not know the task ${settings.task}`);
const request =
  task.family === "completions" ? { prompt: "Once upon a time" } : { messages: [{ role: "user", content: "Say something." }] };

describe("the backend", () => {
  /** @type {import("@vision/sdk/testing").FakeModelServer} */
  let server;
  before(async () => {
    server = await startFakeModelServer({ models: [settings.model ?? task.model] });
  });
  after(() => server.close());

  const options = { task, request: { ...request, max_tokens: 16 } };
  const standIn = () => createBackend({ ...settings, modelServerUrl: server.baseUrl });
  for (const { name, run } of backendContractSuite({ ...options, createBackend: standIn })) it(`stand-in: ${name}`, run);

  for (const { name, run } of backendContractSuite({ ...options, createBackend: () => createBackend() })) {
    it(`your server: ${name}`, async (test) => {
      if (await isHealthy()) await run();
      else test.skip("your model server does not answer, or does not have the model");
    });
  }
});

/** Whether the configured server is there. */
async function isHealthy() {
  const backend = createBackend();
  const health = await backend.checkHealth?.({ signal: AbortSignal.timeout(3_000), models: [settings.model ?? task?.model ?? ""] });
  await backend.close?.();
  return health?.isHealthy ?? true;
}
