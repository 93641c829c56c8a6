import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createHotkeyFromUri, defaultTasks, PROTOCOL_VERSION } from "@vision/sdk";
import { createMinerClient, type MinerClient, type MinerReply } from "@vision/sdk/client";
import type { MinerServer } from "@vision/sdk/node";

const task = {
  id: "chat-llama-3-1-8b",
  family: "chat-completions",
  displayName: "Chat",
  model: "meta-llama/Llama-3.1-8B-Instruct",
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

const asked: Record<string, unknown>[] = [];

/** Stands in for Ollama: two chunks and the end. */
const modelServer = createServer(async (incoming, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  if (incoming.url === "/v1/models") return void response.end('{"data":[{"id":"llama3.1:8b"}]}');
  asked.push(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const content of ["Ro", "me"]) response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
  response.end(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`);
});

let server: MinerServer;
let client: MinerClient;

beforeAll(async () => {
  modelServer.listen(0, "127.0.0.1");
  await once(modelServer, "listening");
  process.env["MODEL_SERVER_URL"] = `http://127.0.0.1:${(modelServer.address() as AddressInfo).port}/v1`;
  process.env["MODEL"] = "llama3.1:8b";
  process.env["PORT"] = "0";
  ({ server } = await import("./miner.js"));
  client = createMinerClient({ hotkey: createHotkeyFromUri("//Bob") });
});

afterAll(async () => {
  await client.close();
  await server.close();
  modelServer.closeAllConnections();
  modelServer.close();
});

describe("the miner in front of a model server", () => {
  it("passes requests on under the server's own model name and streams the answer back", async () => {
    expect(await textOf(await ask(client, server))).toBe("Rome");
    expect(asked[0]).toMatchObject({ model: "llama3.1:8b", stream: true, logprobs: true, seed: 1 });
  });

  it("declares its machine once, divided among the tasks that share it", async () => {
    const target = { hotkey: createHotkeyFromUri("//Alice").address, host: "127.0.0.1", port: server.port };
    const own = defaultTasks.filter(({ id }) => id.endsWith("llama-3-1-8b"));
    const tasks = own.map((each) => ({ ...each, isEnabled: true }));
    const answer = await client.getCapacities(target, { protocolVersion: PROTOCOL_VERSION, periodMs: 3_600_000, tasks });
    if (!answer.ok) throw new Error(answer.reason);
    const declared = [...answer.capacities].map(([id, { capacityPerHour }]) => [id, capacityPerHour]);
    expect(Object.fromEntries(declared)).toEqual({ "chat-llama-3-1-8b": 350_000, "completion-llama-3-1-8b": 150_000 });
  });
});
