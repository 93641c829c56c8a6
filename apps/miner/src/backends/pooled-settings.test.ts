import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createMemoryTerminal } from "@vision/program/testing";
import { ready } from "@vision/sdk";
import { createBackendCall, type InferenceBackend } from "@vision/sdk/backends";
import { type FakeModelServer, startFakeModelServer } from "@vision/sdk/testing";
import { checkConfigCommand } from "../commands/check-config-command.js";
import { loadConfig } from "../config/load-config.js";
import { createMinerMetrics } from "../metrics/create-miner-metrics.js";
import { definitionOf, openBackends } from "./open-backends.js";

const KEY = "sk-nobody-may-read-this";
const taskId = "chat-llama-3-1-8b";
let folder: string;
let servers: readonly [FakeModelServer, FakeModelServer];
beforeAll(async () => {
  await ready();
  folder = await mkdtemp(join(tmpdir(), "vision-pooled-"));
  servers = [await startFakeModelServer({ models: ["llama"] }), await startFakeModelServer({ models: ["llama"] })];
});
afterAll(async () => {
  for (const server of servers) await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function load(members: readonly Readonly<Record<string, unknown>>[]) {
  const file = join(folder, "miner.json");
  const settings = {
    hotkey: { uri: "//Miner", areDevKeysAllowed: true },
    tasks: { [taskId]: { capacityPerHour: 1_000, model: "llama" } },
    backends: { two: { kind: "pooled", members } },
  };
  await writeFile(file, JSON.stringify(settings));
  return loadConfig({ environment: {}, flags: { config: file }, workingDirectory: folder, warn: () => undefined });
}

const serverOf = (baseUrl: string) => ({ kind: "openai-compatible", baseUrl, apiKey: KEY });

async function ask(backend: InferenceBackend | undefined): Promise<number> {
  const task = definitionOf(taskId, { taskDefinitions: [] });
  if (task === undefined || backend === undefined) throw new Error("nothing to ask");
  const request = { model: "llama", messages: [{ role: "user", content: "Hi" }], max_tokens: 8, stream: true };
  let parts = 0;
  for await (const _ of backend.run(createBackendCall({ task, request, isStream: true, signal: new AbortController().signal }))) parts += 1;
  return parts;
}

describe("a pooled backend in the settings", () => {
  it("shares out requests among its servers, and tells in metrics what each had", async () => {
    const { settings } = await load(servers.map(({ baseUrl }) => ({ backend: serverOf(baseUrl) })));
    const backends = await openBackends(settings, folder);
    const metrics = createMinerMetrics({ tasks: settings.tasks, hotkey: "me" }, { hasProcessMetrics: false });
    metrics.watchMembers(backends);
    for (let count = 0; count < 4; count += 1) expect(await ask(backends.get("two"))).toBeGreaterThan(1);
    for (let reads = 0; reads < 2; reads += 1) {
      const text = await metrics.render();
      for (const member of ["1", "2"]) {
        expect(text).toContain(`vision_miner_member_requests_total{backend="two",member="${member}",outcome="answered"} 2`);
        expect(text).toContain(`vision_miner_member_up{backend="two",member="${member}"} 1`);
        expect(text).toContain(`vision_miner_member_in_flight{backend="two",member="${member}"} 0`);
      }
    }
    expect(servers.map(({ requests }) => requests.length)).toEqual([2, 2]);
    await Promise.all([...backends.values()].map((backend) => backend.close?.()));
  });

  it("shows no key of a member, and names the member that is away while the others answer", async () => {
    const gone = await startFakeModelServer({ models: ["llama"] });
    await gone.close();
    const loaded = await load([{ backend: serverOf(servers[0].baseUrl) }, { name: "old", weight: 2, backend: serverOf(gone.baseUrl) }]);
    const terminal = createMemoryTerminal();
    await checkConfigCommand(loaded, { terminal, environment: {} });
    const [printed, noted] = [terminal.printed.join("\n"), terminal.noted.join("\n")];
    expect(printed).toContain(gone.baseUrl);
    expect(printed + noted).not.toContain(KEY);
    expect(noted).toMatch(/Warning: backends\.two: 1 of 2 are away: old: .*ECONNREFUSED/);
  });

  it("counts a member's file from the configuration's folder, and tells of one that is missing", async () => {
    const loading = load([{ backend: { kind: "llama-cpp", modelPath: "missing.gguf" } }]);
    await expect(loading).rejects.toThrow(join(folder, "missing.gguf"));
  });
});
