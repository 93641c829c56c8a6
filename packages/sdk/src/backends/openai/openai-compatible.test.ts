import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily, imageEdits, type Task } from "@vision/protocol";
import { ready } from "@vision/signing";
import { createTestMiner } from "../../../test/support/peers.js";
import { backendContractSuite } from "../../testing/backend-contract.js";
import { fakeAnswer } from "../../testing/fake-answer.js";
import { startFakeModelServer } from "../../testing/fake-model-server.js";
import { createBackendCall } from "../backend-call.js";
import { type BackendCall, BackendError, type InferenceBackend } from "../inference-backend.js";
import { openaiCompatible } from "./openai-compatible.js";

const servers: Server[] = [];
const backends: InferenceBackend[] = [];

afterEach(async () => {
  for (const backend of backends.splice(0)) await backend.close?.();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Handler = (
  request: { readonly path: string; readonly headers: IncomingMessage["headers"]; readonly body: Record<string, unknown> },
  response: ServerResponse,
) => void;

async function listen(handler: Handler): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    handler({ path: request.url ?? "", headers: request.headers, body: text === "" ? {} : JSON.parse(text) }, response);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

function backendAt(baseUrl: string, options: Partial<Parameters<typeof openaiCompatible>[0]> = {}): InferenceBackend {
  const backend = openaiCompatible({ baseUrl, ...options });
  backends.push(backend);
  return backend;
}

function taskOf(id: string): Task {
  const task = createRegistry().get(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
}

function callOf(taskId: string, request: Record<string, unknown>, options: { isStream?: boolean; signal?: AbortSignal } = {}): BackendCall {
  const task = taskOf(taskId);
  const family = getFamily(task.family);
  const { isStream = true, signal = new AbortController().signal } = options;
  return createBackendCall({ task, request: family.requestSchema.parse({ model: task.model, ...request }), isStream, signal });
}

const chat = { messages: [{ role: "user", content: "Hello" }], max_tokens: 16 };

async function parts(backend: InferenceBackend, call: BackendCall) {
  const all = [];
  for await (const part of backend.run(call)) all.push(part);
  return all;
}

async function failure(backend: InferenceBackend, call: BackendCall): Promise<BackendError> {
  const error = await parts(backend, call).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!BackendError.isInstance(error)) throw new Error(`expected a BackendError, got ${String(error)}`);
  return error;
}

const sse = { "content-type": "text/event-stream" };

describe("openaiCompatible", () => {
  it("passes a stream through event by event, while the server is still sending", async () => {
    let finish = () => {};
    const baseUrl = await listen((_request, response) => {
      response.writeHead(200, sse);
      response.write('data: {"n":1}\n\n');
      finish = () => {
        response.end('data: {"n":2}\n\ndata: [DONE]\n\n');
      };
    });
    const iterator = backendAt(baseUrl).run(callOf("chat-tiny", chat))[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toEqual({ kind: "event", data: '{"n":1}' });
    finish();
    expect((await iterator.next()).value).toEqual({ kind: "event", data: '{"n":2}' });
    expect((await iterator.next()).done).toBe(true);
  });

  it("asks for logprobs where a request does not, keeps unknown fields, and sends key, headers and the server's model name", async () => {
    const seen: { path: string; headers: IncomingMessage["headers"]; body: Record<string, unknown> }[] = [];
    const baseUrl = await listen((request, response) => {
      seen.push(request);
      response.writeHead(200, { "content-type": "application/json" });
      response.end("{}");
    });
    const backend = backendAt(baseUrl, { apiKey: "secret", headers: { "x-team": "blue" }, model: "llama3.1:8b" });
    await parts(backend, callOf("chat-tiny", { ...chat, min_p: 0.1 }, { isStream: false }));
    await parts(backend, callOf("completion-tiny", { prompt: "Hi" }, { isStream: false }));
    await parts(backend, callOf("chat-tiny", { ...chat, logprobs: false }, { isStream: false }));
    await parts(backend, callOf("image-tiny", { prompt: "a red apple" }, { isStream: false }));
    expect(seen.map((request) => request.path)).toEqual([
      "/v1/chat/completions",
      "/v1/completions",
      "/v1/chat/completions",
      "/v1/images/generations",
    ]);
    expect(seen[0]?.headers).toMatchObject({ authorization: "Bearer secret", "x-team": "blue" });
    expect(seen[0]?.body).toMatchObject({ model: "llama3.1:8b", logprobs: true, stream: false, min_p: 0.1 });
    expect(seen[1]?.body["logprobs"]).toBe(1);
    expect(seen[2]?.body["logprobs"]).toBe(false);
    expect(seen[3]?.body).not.toHaveProperty("stream");
  });

  it.each([
    ["http://127.0.0.1:PORT", "/v1/chat/completions"],
    ["http://127.0.0.1:PORT/v1/", "/v1/chat/completions"],
    ["http://127.0.0.1:PORT/api/v1", "/api/v1/chat/completions"],
  ])("finds the endpoint under %s", async (template, path) => {
    let seen = "";
    const baseUrl = await listen((request, response) => {
      seen = request.path;
      response.end("{}");
    });
    await parts(backendAt(template.replace("PORT", new URL(baseUrl).port)), callOf("chat-tiny", chat, { isStream: false }));
    expect(seen).toBe(path);
  });

  it.each([
    [429, "busy"],
    [503, "busy"],
    [400, "invalid"],
    [422, "invalid"],
    [401, "failed"],
    [404, "failed"],
    [500, "failed"],
  ] as const)("turns status %i into %s, with the server's reason", async (status, code) => {
    const baseUrl = await listen((_request, response) => {
      response.writeHead(status, { "content-type": "application/json", "retry-after": "2" });
      response.end(JSON.stringify({ error: { message: "because" } }));
    });
    const error = await failure(backendAt(baseUrl), callOf("chat-tiny", chat));
    expect(error.code).toBe(code);
    expect(error.message).toContain("because");
    expect(error.retryAfterMs).toBe(code === "busy" ? 2000 : undefined);
  });

  it.each([
    ["half an event", 'data: {"n":1}\n\ndata: {"n"'],
    ["a whole event but no [DONE]", 'data: {"n":1}\n\n'],
    ["an error in the middle", 'data: {"n":1}\n\ndata: {"error":{"message":"out of memory"}}\n\n'],
  ])("fails when a stream ends with %s", async (_name, text) => {
    const baseUrl = await listen((_request, response) => {
      response.writeHead(200, sse);
      response.end(text);
    });
    expect((await failure(backendAt(baseUrl), callOf("chat-tiny", chat))).code).toBe("failed");
  });

  it("fails on invalid UTF-8, on an event that is too large and on a body that is too large", async () => {
    const baseUrl = await listen((request, response) => {
      response.writeHead(200, request.body["stream"] === true ? sse : { "content-type": "application/json" });
      if (request.body["user"] === "utf8") response.end(Buffer.from([0x64, 0xff, 0xfe, 0x0a, 0x0a]));
      else response.end(`data: ${"x".repeat(request.body["stream"] === true ? 2 ** 20 + 1 : 2 ** 24 + 1)}\n\n`);
    });
    const backend = backendAt(baseUrl);
    expect((await failure(backend, callOf("chat-tiny", { ...chat, user: "utf8" }))).message).toContain("UTF-8");
    expect((await failure(backend, callOf("chat-tiny", chat))).message).toContain("more than the protocol allows");
    expect((await failure(backend, callOf("chat-tiny", chat, { isStream: false }))).message).toContain("larger than");
  });

  it.each([
    ["not JSON", "<html>"],
    ["an array", "[]"],
    ["an error with status 200", '{"error":{"message":"no"}}'],
  ])("fails on a body that is %s", async (_name, text) => {
    const baseUrl = await listen((_request, response) => void response.end(text));
    expect((await failure(backendAt(baseUrl), callOf("chat-tiny", chat, { isStream: false }))).code).toBe("failed");
  });

  it("fails on JSON where a stream was asked for", async () => {
    const baseUrl = await listen((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end("{}");
    });
    expect((await failure(backendAt(baseUrl), callOf("chat-tiny", chat))).message).toContain("application/json");
  });

  it("hands a picture on as a file of a form, as OpenAI's servers take it, with every other field", async () => {
    const server = await startFakeModelServer({ models: ["m"] });
    const request = { ...imageEdits.smallRequest("m"), steps: 4, strength: 0.5, extra: { a: 1 } };
    const answered = await parts(backendAt(server.baseUrl, { model: "m" }), callOf("image-edit-tiny", request, { isStream: false }));
    await server.close();
    expect(server.requests).toEqual([{ ...request, model: "m", extra: '{"a":1}' }]);
    expect(answered).toEqual([{ kind: "body", body: expect.stringContaining("b64_json") }]);
  });

  it("closes the connection to the server when the request is cancelled", async () => {
    let closed: (() => void) | undefined;
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const baseUrl = await listen((_request, response) => {
      response.on("close", () => closed?.());
      response.writeHead(200, sse);
      response.write('data: {"n":1}\n\n');
    });
    const controller = new AbortController();
    const iterator = backendAt(baseUrl)
      .run(callOf("chat-tiny", chat, { signal: controller.signal }))
      [Symbol.asyncIterator]();
    await iterator.next();
    controller.abort();
    await expect(iterator.next()).rejects.toThrow("cancelled");
    await isClosed;
  });

  it("closes the connection to the server when the reader stops", async () => {
    let closed: (() => void) | undefined;
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const baseUrl = await listen((_request, response) => {
      response.on("close", () => closed?.());
      response.writeHead(200, sse);
      response.write('data: {"n":1}\n\n');
    });
    for await (const part of backendAt(baseUrl).run(callOf("chat-tiny", chat))) {
      expect(part).toEqual({ kind: "event", data: '{"n":1}' });
      break;
    }
    await isClosed;
  });

  it("fails after its time limit", async () => {
    const baseUrl = await listen(() => undefined);
    const error = await failure(backendAt(baseUrl, { timeoutMs: 50 }), callOf("chat-tiny", chat));
    expect(error.message).toContain("longer than 50 ms");
  });

  it("fails when nobody listens, and says so in its health", async () => {
    const backend = backendAt("http://127.0.0.1:1/v1");
    expect((await failure(backend, callOf("chat-tiny", chat))).code).toBe("failed");
    expect((await backend.checkHealth?.({ signal: new AbortController().signal }))?.isHealthy).toBe(false);
  });

  it("is not healthy when the server lacks the model, and believes llama.cpp, which takes any name", async () => {
    let status = 200;
    let list: unknown = { data: [{ id: "llama3.1:latest", owned_by: "library" }] };
    const baseUrl = await listen((_request, response) => response.writeHead(status).end(JSON.stringify(list)));
    const healthOf = (models: readonly string[], options = {}) =>
      backendAt(baseUrl, options).checkHealth?.({ signal: new AbortController().signal, models });
    expect(await healthOf(["llama3.1"])).toEqual({ isHealthy: true, detail: "it is Ollama" });
    expect(await healthOf(["mistral"])).toEqual({
      isHealthy: false,
      detail: "the server does not have mistral; it has llama3.1:latest",
    });
    expect(await healthOf(["llama3.1"], { model: "mistral" })).toMatchObject({ isHealthy: false });
    list = { data: [] };
    expect(await healthOf(["llama3.1"])).toMatchObject({ isHealthy: false, detail: expect.stringContaining("no models") });
    list = { data: [{ id: "/models/some.gguf", owned_by: "llamacpp" }] };
    expect(await healthOf(["mistral"])).toEqual({ isHealthy: true, detail: "it is llama.cpp" });
    list = "no list";
    expect(await healthOf(["mistral"])).toEqual({ isHealthy: true });
    status = 404;
    expect(await healthOf(["mistral"])).toEqual({ isHealthy: true });
    for (status of [401, 500, 503]) expect({ status, health: await healthOf(["mistral"]) }).toMatchObject({ health: { isHealthy: false } });
    status = 200;
    expect(await healthOf(["mistral"])).toEqual({ isHealthy: true });
  });

  it("asks a vLLM for token ids and names its sampling, once a health check has found out what it is", async () => {
    const bodies: unknown[] = [];
    const baseUrl = await listen(({ path, body }, response) => {
      const isList = path.endsWith("/models");
      if (!isList) bodies.push(body);
      response.writeHead(isList ? 200 : 400).end(JSON.stringify({ data: [{ id: "m", owned_by: "vllm" }] }));
    });
    const backend = backendAt(baseUrl, { model: "m" });
    await failure(backend, callOf("chat-tiny", chat));
    await backend.checkHealth?.({ signal: new AbortController().signal });
    await failure(backend, callOf("chat-tiny", { ...chat, top_p: null }));
    await failure(backend, callOf("chat-tiny", { ...chat, top_p: 0.5, top_k: 4 }));
    const [before, plain, named] = bodies;
    expect(before).not.toHaveProperty("return_token_ids");
    expect(plain).toMatchObject({ return_token_ids: true, top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1 });
    expect(named).toMatchObject({ return_token_ids: true, top_p: 0.5, top_k: 4, model: "m" });
  });

  it("hands the server's 429 and its Retry-After on unchanged, through the miner", async () => {
    const baseUrl = await listen((_request, response) => response.writeHead(429, { "retry-after": "7" }).end("{}"));
    await ready();
    const { chat } = createTestMiner({ tasks: { "chat-tiny": { capacityPerHour: 3_600_000 } }, backend: backendAt(baseUrl) });
    const response = await chat();
    expect([response.status, response.headers["retry-after"]]).toEqual([429, "7"]);
  });

  it("names every mistake in its options, and names that it does not know", () => {
    const wrong = { baseUrl: "not a url", timeoutMs: -1, apikey: "x" };
    expect(() => openaiCompatible(wrong)).toThrow(/openaiCompatible have mistakes: baseUrl: .*; timeoutMs: .*; options: .*apikey/);
    expect(() => Reflect.apply(openaiCompatible, null, [])).toThrow(/openaiCompatible have mistakes/);
  });
});

describe("the backend contract, on openaiCompatible in front of a local server", () => {
  const tasks = [
    { id: "chat-tiny", request: chat },
    { id: "completion-tiny", request: { prompt: "Hello", max_tokens: 16 } },
    { id: "image-tiny", request: { prompt: "a red apple", steps: 2 } },
  ];
  const createBackend = async () => {
    const baseUrl = await listen(async (request, response) => {
      if (request.path === "/v1/models") return void response.end('{"data":[]}');
      const task = tasks.map(({ id }) => taskOf(id)).find((one) => getFamily(one.family).path === request.path);
      if (task === undefined) return void response.writeHead(404).end("{}");
      if (request.body["user"] === "invalid") return void response.writeHead(400).end("{}");
      const isStream = request.body["stream"] === true;
      const family = getFamily(task.family);
      response.writeHead(200, isStream ? sse : { "content-type": "application/json" });
      const signal = new AbortController().signal;
      for await (const step of fakeAnswer(
        createBackendCall({ task, request: family.requestSchema.parse(request.body), isStream, signal }),
      )) {
        if (step.kind === "event") response.write(`data: ${step.data}\n\n`);
        if (step.kind === "body") response.write(step.body);
      }
      response.end(isStream ? "data: [DONE]\n\n" : "");
    });
    return openaiCompatible({ baseUrl });
  };
  for (const { id, request } of tasks) {
    const suite = backendContractSuite({
      createBackend,
      task: taskOf(id),
      request,
      invalidRequest: { ...request, user: "invalid" },
      isDeterministic: true,
      hasSeededSampler: false,
    });
    for (const { name, run } of suite) it(name, run);
  }
});
