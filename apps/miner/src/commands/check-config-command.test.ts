import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "@jest/globals";
import { createMemoryTerminal } from "@vision/program/testing";
import { defaultTasks } from "@vision/sdk";
import { startFakeModelServer } from "@vision/sdk/testing";
import { minerConfigSchema } from "../config/miner-config.js";
import { checkConfigCommand } from "./check-config-command.js";

const fixtures = fileURLToPath(new URL("../../test/fixtures/", import.meta.url));
const hotkey = { uri: "//Alice", areDevKeysAllowed: true };
const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serverWith(...models: readonly string[]): Promise<string> {
  const server = await startFakeModelServer({ models });
  servers.push(server);
  return server.baseUrl;
}

async function check(config: Record<string, unknown>) {
  const terminal = createMemoryTerminal();
  await checkConfigCommand({ settings: minerConfigSchema.parse({ hotkey, ...config }), folder: fixtures }, { terminal, environment: {} });
  const [verdict, ...warnings] = terminal.noted;
  return { text: terminal.printed.join("\n"), verdict, warnings };
}

const capacityPerHour = 1_000;

describe("checkConfigCommand", () => {
  it("shows the settings in force without passwords and keys, and whose they are", async () => {
    const baseUrl = (await serverWith("m")).replace("//", "//me:hunter2@");
    const { text, verdict } = await check({
      tasks: { "chat-tiny": { capacityPerHour, backend: "server", model: "m" }, "image-tiny": { capacityPerHour, backend: "odd" } },
      backends: {
        server: { kind: "openai-compatible", baseUrl, apiKey: "sk-secret", headers: { "x-gate": "g4te" } },
        odd: { kind: "module", path: "prefix-backend.mjs", options: { prefix: "t0ken" }, inner: { kind: "tiny" } },
      },
    });
    expect(JSON.parse(text)).toMatchObject({
      backends: { server: { baseUrl: expect.stringMatching(/^http:\/\/127/), apiKey: "(hidden)" }, odd: { inner: { kind: "tiny" } } },
    });
    for (const secret of ["hunter2", "sk-secret", "g4te", "t0ken", "//Alice"]) expect(text).not.toContain(secret);
    expect(verdict).toContain("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
  });

  it("refuses what no backend can serve: it was called fine", async () => {
    const tasks = {
      "image-tiny": { capacityPerHour, backend: "gguf" },
      "chat-llama-3-1-8b": { capacityPerHour, backend: "embedded" },
      "chat-tiny": { capacityPerHour, backend: "embedded" },
      "completion-tiny": { capacityPerHour, backend: "broken" },
    };
    const backends = {
      gguf: { kind: "llama-cpp", modelPath: "/m.gguf" },
      embedded: { kind: "tiny" },
      broken: { kind: "module", path: "no-default.mjs" },
    };
    await expect(check({ tasks, backends })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      facts: {
        problems: [
          { where: "backends.broken", message: expect.stringContaining("the default export must be a function") },
          { where: "tasks.image-tiny", message: "llama-cpp does not serve image-generation" },
          {
            where: "tasks.chat-llama-3-1-8b",
            message: 'there is no embedded language model "meta-llama/Llama-3.1-8B-Instruct"; there is tiny-lm-q8_0, tiny-lm-small-q8_0',
          },
        ],
      },
    });
  });

  it("warns of a model server that is away, or that lacks a task's model", async () => {
    const tasks = {
      "chat-llama-3-1-8b": { capacityPerHour, backend: "one" },
      "completion-llama-3-1-8b": { capacityPerHour, backend: "two" },
      "chat-llama-3-3-70b": { capacityPerHour, backend: "three", model: "big" },
    };
    const backends = {
      one: { kind: "openai-compatible", baseUrl: await serverWith("other") },
      two: { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1/v1" },
      three: { kind: "openai-compatible", baseUrl: await serverWith("big") },
    };
    expect((await check({ tasks, backends })).warnings).toEqual([
      "Warning: backends.one: the server does not have meta-llama/Llama-3.1-8B-Instruct; it has other",
      expect.stringMatching(/^Warning: backends\.two: .*ECONNREFUSED/),
    ]);
  });

  it("warns of tasks that declare one server each in full, until a pool says how they share it", async () => {
    const baseUrl = await serverWith("m");
    const task = { capacityPerHour, model: "m", sampler: "unknown" };
    const config = {
      tasks: { "chat-tiny": task, "completion-tiny": task },
      backends: { server: { kind: "openai-compatible", baseUrl } },
    };
    expect((await check(config)).warnings).toEqual([
      expect.stringMatching(/^Warning: backends\.server: chat-tiny and completion-tiny have it in common and are in no pool/),
    ]);
    const { text, warnings } = await check({ ...config, pools: { gpu0: { tasks: { "chat-tiny": 0.7, "completion-tiny": 0.3 } } } });
    expect(warnings).toEqual([]);
    expect(JSON.parse(text)).toMatchObject({ pools: { gpu0: { tasks: { "chat-tiny": 0.7, "completion-tiny": 0.3 } } } });
  });

  it("warns of tasks that nobody knows, and of exact ones before a model server", async () => {
    const [known] = defaultTasks;
    const { warnings } = await check({
      tasks: {
        "chat-tinny": { capacityPerHour, backend: "local" },
        "chat-own": { capacityPerHour, backend: "local" },
        "image-tiny": { capacityPerHour, backend: "server" },
      },
      backends: { local: { kind: "tiny" }, server: { kind: "openai-compatible", baseUrl: await serverWith("tiny-emoji-diffusion-f16") } },
      taskDefinitions: [{ ...known, id: "chat-own" }],
    });
    expect(warnings).toEqual([
      expect.stringMatching(/^Warning: tasks\.chat-tinny: .* chat-tiny, .*chat-own\./),
      expect.stringMatching(/^Warning: tasks\.image-tiny: validators make its answers again from the seed/),
    ]);
  });
});
