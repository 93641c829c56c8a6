import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { startOtlpReceiver } from "@vision/program/testing";
import { createHotkeyFromUri, type Logger, ready, silentLogger } from "@vision/sdk";
import { createMinerClient, type MinerClient } from "@vision/sdk/client";
import type { MinerServer } from "@vision/sdk/node";
import { startFakeModelServer } from "@vision/sdk/testing";
import { type MinerConfig, minerConfigSchema } from "./config/miner-config.js";
import { startMiner } from "./start-miner.js";

const fixtures = fileURLToPath(new URL("../test/fixtures/", import.meta.url));
const open: { close(): Promise<void> }[] = [];

beforeAll(() => ready());
afterEach(async () => {
  for (const resource of open.splice(0)) await resource.close();
});

async function start(config: Record<string, unknown>, options: { baseDirectory?: string; logger?: Logger } = {}): Promise<MinerServer> {
  const parsed: MinerConfig = minerConfigSchema.parse({
    hotkey: { uri: "//Alice", areDevKeysAllowed: true },
    listen: { host: "127.0.0.1", port: 0 },
    tasks: { "chat-tiny": { capacityPerHour: 60_000 } },
    backends: { local: { kind: "tiny" } },
    ...config,
  });
  const { baseDirectory = fixtures, logger = silentLogger } = options;
  const server = await startMiner(parsed, { baseDirectory, environment: {}, logger });
  open.push(server);
  return server;
}

function clientOf(uri: string): MinerClient {
  const client = createMinerClient({ hotkey: createHotkeyFromUri(uri) });
  open.push(client);
  return client;
}

function targetOf(server: MinerServer) {
  return { hotkey: createHotkeyFromUri("//Alice").address, host: "127.0.0.1", port: server.port };
}

const task = {
  id: "chat-tiny",
  family: "chat-completions",
  displayName: "Tiny chat",
  model: "tiny-lm-q8_0",
  contextTokens: 512,
  maxCapacityPerHour: 10_000_000,
  typicalUnitsPerRequest: 32,
  timeoutMs: 15_000,
  target: { firstTokenMs: 400, unitsPerSecond: 80 },
  check: { kind: "none" },
  isEnabled: true,
} as const;

async function ask(client: MinerClient, server: MinerServer, extra: Record<string, unknown> = {}) {
  const request = {
    messages: [{ role: "user", content: "What is the capital of Italy?" }],
    max_tokens: 24,
    temperature: 0,
    seed: 1,
    ...extra,
  };
  return client.send(targetOf(server), { task, request, isStream: true });
}

async function textOf(reply: Awaited<ReturnType<MinerClient["send"]>>): Promise<string> {
  if (reply.kind !== "stream") throw new Error(`expected a stream, got ${JSON.stringify(reply)}`);
  let text = "";
  for await (const event of reply.events) text += JSON.parse(event.data).choices[0]?.delta?.content ?? "";
  expect(reply.getEnd()).toEqual({ ok: true });
  return text;
}

describe("startMiner", () => {
  it("answers a validator's signed request with the embedded model", async () => {
    const server = await start({});
    expect(await textOf(await ask(clientOf("//Bob"), server))).toBe("The capital of Italy is Rome.");
  });

  it("tells anybody who it is", async () => {
    const server = await start({});
    const status = await fetch(`${server.url}/v1/status`);
    expect(await status.json()).toMatchObject({ hotkey: targetOf(server).hotkey, tasks: ["chat-tiny"] });
  });

  it("declares the configured capacity", async () => {
    const server = await start({ tasks: { "chat-tiny": { capacityPerHour: 1234 } } });
    const request = { protocolVersion: "3.0", periodMs: 3_600_000, tasks: [task] };
    const result = await clientOf("//Bob").getCapacities(targetOf(server), request);
    expect(result.ok ? result.capacities.get("chat-tiny") : result).toMatchObject({ capacityPerHour: 1234, problem: null });
  });

  it("serves only the validators that are allowed", async () => {
    const server = await start({ validators: { allow: [createHotkeyFromUri("//Bob").address] } });
    expect(await textOf(await ask(clientOf("//Bob"), server))).toContain("Rome");
    expect(await ask(clientOf("//Charlie"), server)).toMatchObject({ kind: "failed", status: 403 });
  });

  it("runs an operator's own backend around another one", async () => {
    const backends = { odd: { kind: "module", path: "prefix-backend.mjs", options: { prefix: "x" }, inner: { kind: "tiny" } } };
    const server = await start({ backends });
    const client = clientOf("//Bob");
    expect(await textOf(await ask(client, server))).toContain("Rome");
    expect(await ask(client, server, { user: "refused" })).toMatchObject({ kind: "rateLimited", retryAfterMs: 2000 });
  });

  it("reads the hotkey from a file, and never quotes what is in it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "vision-miner-key-"));
    try {
      await writeFile(join(folder, "good.txt"), `0x${"01".repeat(32)}\n`, { mode: 0o600 });
      await writeFile(join(folder, "bad.txt"), "one two three secret words\n", { mode: 0o600 });
      const server = await start({ hotkey: { seedFile: join(folder, "good.txt") } }, { baseDirectory: folder });
      const status = (await (await fetch(`${server.url}/v1/status`)).json()) as { hotkey: string };
      expect(status.hotkey).not.toBe(targetOf(server).hotkey);
      const failure = await start({ hotkey: { mnemonicFile: join(folder, "bad.txt") } }, { baseDirectory: folder }).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ code: "SIGNING_INVALID_KEY" });
      expect(String(failure)).not.toContain("secret");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("warns about a model server that is away, and starts all the same", async () => {
    let tell: (facts: unknown) => void = () => {};
    const warned = new Promise((resolve) => {
      tell = resolve;
    });
    const warn: Logger["warn"] = (message, facts) => (message.startsWith("A backend is away") ? tell(facts) : undefined);
    const backends = { server: { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1/v1" } };
    await start({ backends }, { logger: { ...silentLogger, warn } });
    expect(await warned).toMatchObject({ backend: "openai-compatible", tasks: ["chat-tiny"] });
  });

  it("traces requests from its edge to its backend, as roots of its own that the model server can add to", async () => {
    const [collector, models] = await Promise.all([startOtlpReceiver(), startFakeModelServer({ models: ["tiny-lm-q8_0"] })]);
    const backends = { server: { kind: "openai-compatible", baseUrl: models.baseUrl } };
    const server = await start({ backends, traces: { endpoint: collector.url } });
    const reply = await ask(clientOf("//Bob"), server, { user: "xyzzy" });
    const text = await textOf(reply);
    await server.close();
    await Promise.all([collector.close(), models.close()]);

    const spans = collector.spans().filter(({ name }) => name === "POST /v1/chat/completions");
    const [request] = spans;
    expect(spans).toMatchObject([{ kind: "server", parentSpanId: "", hasFailed: false }]);
    expect(request?.resource).toMatchObject({ "service.name": "vision-miner", "service.instance.id": targetOf(server).hotkey });
    expect(request?.facts).toMatchObject({
      "vision.task": "chat-tiny",
      "vision.validator": createHotkeyFromUri("//Bob").address,
      "vision.outcome": "ok",
    });
    const backend = collector.spans().find(({ parentSpanId }) => parentSpanId === request?.spanId);
    expect(backend).toMatchObject({ name: "chat tiny-lm-q8_0", kind: "client", events: ["first part"], traceId: request?.traceId });
    expect(backend?.startedAtMs).toBeGreaterThanOrEqual(request?.startedAtMs ?? Number.POSITIVE_INFINITY);
    expect(models.headers.at(-1)?.["traceparent"]).toBe(`00-${request?.traceId}-${backend?.spanId}-01`);
    const sent = Buffer.concat(collector.exports.map(({ body }) => body)).toString("latin1");
    for (const secret of ["Italy", "xyzzy", text]) expect(sent).not.toContain(secret);
  });

  it("says so when the port is taken", async () => {
    const server = await start({});
    await expect(start({ listen: { host: "127.0.0.1", port: server.port } })).rejects.toMatchObject({ code: "SDK_PORT_IN_USE" });
  });
});
