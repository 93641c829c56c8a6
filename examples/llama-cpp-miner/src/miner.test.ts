import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createHotkeyFromUri } from "@vision/sdk";
import { createMinerClient, type MinerClient, type MinerReply } from "@vision/sdk/client";
import type { MinerServer } from "@vision/sdk/node";

const task = {
  id: "chat-tiny",
  family: "chat-completions",
  displayName: "Chat",
  model: "tiny-lm-q8_0",
  contextTokens: 512,
  maxCapacityPerHour: 10_000_000,
  typicalUnitsPerRequest: 32,
  timeoutMs: 15_000,
  target: { firstTokenMs: 400, unitsPerSecond: 80 },
  check: { kind: "none" },
  isEnabled: true,
} as const;

const request = { messages: [{ role: "user", content: "What is the capital of Italy?" }], max_tokens: 24, temperature: 0, seed: 1 };

async function ask(client: MinerClient, server: MinerServer): Promise<MinerReply> {
  const target = { hotkey: createHotkeyFromUri("//Alice").address, host: "127.0.0.1", port: server.port };
  return client.send(target, { task, request, isStream: true });
}

async function textOf(reply: MinerReply): Promise<string> {
  if (reply.kind !== "stream") throw new Error(`expected a stream, got ${JSON.stringify(reply)}`);
  let text = "";
  for await (const event of reply.events) text += JSON.parse(event.data).choices[0]?.delta?.content ?? "";
  return text;
}

let server: MinerServer;
let client: MinerClient;

beforeAll(async () => {
  process.env["PORT"] = "0";
  process.env["MODEL_PATH"] = fileURLToPath(new URL("../../../packages/tiny/models/tiny-lm-q8_0.gguf", import.meta.url));
  ({ server } = await import("./miner.js"));
  client = createMinerClient({ hotkey: createHotkeyFromUri("//Bob") });
});

afterAll(async () => {
  await client.close();
  await server.close();
});

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve("node-llama-cpp");
    return true;
  } catch {
    return false;
  }
}

describe("the llama.cpp miner", () => {
  (isInstalled() ? it : it.skip)("answers from the GGUF file", async () => {
    expect(await textOf(await ask(client, server))).toBe("The capital of Italy is Rome.");
  });

  (isInstalled() ? it.skip : it)("starts without node-llama-cpp, and says that it has no room instead of crashing", async () => {
    expect(await ask(client, server)).toMatchObject({ kind: "rateLimited" });
    expect((await fetch(`${server.url}/v1/status`)).status).toBe(200);
  });
});
