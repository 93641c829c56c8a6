import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { createRegistry, type Task } from "@vision/protocol";
import { createManualClock } from "../../runtime/manual-clock.js";
import { backendContractSuite } from "../../testing/backend-contract.js";
import { createFakeBackend } from "../../testing/fake-backend.js";
import { createBackendCall } from "../backend-call.js";
import { BackendError, type BackendPart, type HealthCheckOptions, type InferenceBackend } from "../inference-backend.js";
import { openaiCompatible } from "../openai/openai-compatible.js";
import { pooledBackend } from "./pooled-backend.js";

const task = createRegistry().get("chat-tiny") as Task;
const callOf = (signal = new AbortController().signal, isStream = true) =>
  createBackendCall({
    ...{ task, isStream, signal },
    request: { model: task.model, messages: [{ role: "user", content: "Hi" }], max_tokens: 8, stream: isStream },
  });

const event = (delta: Readonly<Record<string, unknown>>, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })}\n\n`;

type Answer = (response: ServerResponse, request: IncomingMessage) => void;
const open = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });
const refuse =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);

/** What engines, and what stands before them, do on a bad day, as far as a client sees it. */
const behaviours = {
  answers: (response) =>
    void open(response).end(`${event({ role: "assistant", content: "" })}${event({ content: "Hello" }, "stop")}data: [DONE]\n\n`),
  resets: (response) => void response.destroy(),
  loads: refuse(503, '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}'),
  isFull: refuse(429, '{"error":{"message":"queue full"}}', { "retry-after": "7" }),
  breaks: refuse(500, "Internal Server Error"),
  isBehindProxy: refuse(502, "<html><h1>502 Bad Gateway</h1></html>"),
  takesNoMore: refuse(400, '{"error":{"message":"maximum context length is 8 tokens"}}'),
  hangs: () => undefined,
  hangsBehindItsRole: (response) => void open(response).write(event({ role: "assistant", content: "" })),
  answersNothing: (response) => void open(response).end("data: [DONE]\n\n"),
  sendsAnError: (response) => void open(response).end('data: {"error":{"message":"CUDA out of memory","code":500}}\n\n'),
  diesAtWork: (response) => open(response).write(event({ content: "Hel" }), () => setImmediate(() => response.destroy())),
} satisfies Readonly<Record<string, Answer>>;

type Engine = {
  answer: Answer;
  models: readonly string[] | null;
  asked: number;
  closed: Promise<unknown>;
  readonly backend: InferenceBackend;
};
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function startEngine(answer: Answer, onAsked: () => void = () => undefined): Promise<Engine> {
  const server = createServer((request, response) => {
    if (request.url === "/v1/models") {
      if (engine.models === null) return;
      response.end(JSON.stringify({ object: "list", data: engine.models.map((id) => ({ id, object: "model" })) }));
      return;
    }
    engine.asked += 1;
    engine.closed = once(response, "close");
    request.resume().once("end", () => {
      engine.answer(response, request);
      onAsked();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const backend = openaiCompatible({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const engine: Engine = { answer, models: [task.model], asked: 0, closed: Promise.resolve(), backend };
  closers.push(async () => {
    await backend.close?.();
    server.closeAllConnections();
    server.close();
  });
  return engine;
}

async function drain(backend: InferenceBackend, call = callOf()): Promise<string> {
  const parts: BackendPart[] = [];
  for await (const part of backend.run(call)) parts.push(part);
  return parts.map((part) => (part.kind === "event" ? (JSON.parse(part.data).choices[0]?.delta.content ?? "") : part.body)).join("");
}

const poolOf = (engines: readonly Engine[], clock = createManualClock()) =>
  pooledBackend({ members: engines.map(({ backend }) => ({ backend })), clock });

describe("pooledBackend", () => {
  for (const { name, run } of backendContractSuite({
    createBackend: () => pooledBackend({ members: [{ backend: createFakeBackend() }, { backend: createFakeBackend(), weight: 2 }] }),
    task,
    request: { model: task.id, messages: [{ role: "user", content: "Tell me a story" }], max_tokens: 16 },
    hasSeededSampler: false,
  })) {
    it(name, run);
  }

  for (const name of ["resets", "loads", "isFull", "breaks", "isBehindProxy", "answersNothing", "sendsAnError"] as const) {
    it(`asks the next one when an engine ${name}, and leaves it alone for a while`, async () => {
      const [bad, good] = [await startEngine(behaviours[name]), await startEngine(behaviours.answers)];
      const pool = poolOf([bad, good]);
      expect(await drain(pool)).toBe("Hello");
      expect(await drain(pool)).toBe("Hello");
      const isBusy = name === "loads" || name === "isFull";
      const [first, second] = pool.getMembers();
      expect(first).toMatchObject({ isUp: false, inFlight: 0, requests: isBusy ? { busy: 1 } : { failed: 1, answered: 0 } });
      expect(second).toMatchObject({ isUp: true, inFlight: 0, requests: { answered: 2 } });
    });
  }

  for (const name of ["hangs", "hangsBehindItsRole"] as const) {
    it(`passes over an engine that ${name}, tells it to stop, and gives it another chance later`, async () => {
      const clock = createManualClock();
      let onAsked = () => {};
      const asked = new Promise<void>((resolve) => {
        onAsked = resolve;
      });
      const [bad, good] = [await startEngine(behaviours[name], onAsked), await startEngine(behaviours.answers)];
      const pool = poolOf([bad, good], clock);
      const answer = drain(pool);
      await asked;
      clock.advance(5_000);
      expect(await answer).toBe("Hello");
      await bad.closed;
      expect(pool.getMembers()).toMatchObject([{ isUp: false, inFlight: 0, requests: { slow: 1 } }, { requests: { answered: 1 } }]);
      clock.advance(10_000);
      bad.answer = behaviours.answers;
      await drain(pool);
      await drain(pool);
      expect(bad.asked).toBeGreaterThan(1);
    });
  }

  it("tells what an engine failed with once something to read has come: nobody gets two answers in one", async () => {
    const [bad, good] = [await startEngine(behaviours.diesAtWork), await startEngine(behaviours.answers)];
    const pool = poolOf([bad, good]);
    await expect(drain(pool)).rejects.toThrow(/does not answer|ended|closed|terminated/);
    expect(good.asked).toBe(0);
    expect(pool.getMembers()).toMatchObject([{ isUp: false, requests: { failed: 1 } }, { requests: { answered: 0 } }]);
  });

  it("asks no other where a request is called invalid, and does not hold it against the engine", async () => {
    const [strict, other] = [await startEngine(behaviours.takesNoMore), await startEngine(behaviours.answers)];
    const pool = poolOf([strict, other]);
    await expect(drain(pool)).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("maximum context length") });
    expect(other.asked).toBe(0);
    expect(pool.getMembers()[0]).toMatchObject({ isUp: true });
  });

  it("says busy, with when to come back, where one is full and the others fail; and asks each once", async () => {
    const engines = [await startEngine(behaviours.breaks), await startEngine(behaviours.isFull), await startEngine(behaviours.resets)];
    const error: unknown = await drain(poolOf(engines)).catch((thrown: unknown) => thrown);
    expect(BackendError.isInstance(error, "busy")).toBe(true);
    expect(error).toMatchObject({ retryAfterMs: 7_000 });
    expect(engines.map(({ asked }) => asked)).toEqual([1, 1, 1]);
  });

  it("has requests in flight by weight, and as many over time", async () => {
    const held: ServerResponse[] = [];
    let onHeld = () => {};
    const hold: Answer = (response) => {
      open(response).write(event({ content: "Hel" }));
      held.push(response);
      onHeld();
    };
    const [small, large] = [await startEngine(hold), await startEngine(hold)];
    const pool = pooledBackend({
      members: [{ backend: small.backend }, { backend: large.backend, weight: 3 }],
      clock: createManualClock(),
    });
    const answers: Promise<string>[] = [];
    for (let count = 0; count < 8; count += 1) {
      const isHeld = new Promise<void>((resolve) => {
        onHeld = resolve;
      });
      answers.push(drain(pool));
      await isHeld;
    }
    expect(pool.getMembers().map(({ inFlight }) => inFlight)).toEqual([2, 6]);
    for (const response of held) response.end(`${event({ content: "lo" }, "stop")}data: [DONE]\n\n`);
    expect(new Set(await Promise.all(answers))).toEqual(new Set(["Hello"]));
  });

  it("is healthy while one member is, without waiting for one that hangs or trusting one without the model", async () => {
    const clock = createManualClock();
    const engines = await Promise.all([1, 2, 3].map(() => startEngine(behaviours.answers)));
    const [silent, other, good] = engines as [Engine, Engine, Engine];
    const told: Promise<unknown>[] = [];
    const members = engines.map((engine) => ({
      backend: {
        ...engine.backend,
        checkHealth(options: HealthCheckOptions) {
          const telling = engine.backend.checkHealth?.(options) ?? Promise.resolve({ isHealthy: true });
          if (engine.models !== null) told.push(telling);
          return telling;
        },
      },
    }));
    const pool = pooledBackend({ members, clock });
    const check = async () => {
      const checking = pool.checkHealth?.({ signal: new AbortController().signal, models: [task.model] });
      await Promise.all(told.splice(0));
      clock.advance(3_000);
      return checking;
    };
    expect(await check()).toMatchObject({ isHealthy: true });

    silent.models = null;
    other.models = ["another-model"];
    expect(await check()).toMatchObject({
      isHealthy: true,
      detail: expect.stringMatching(/^2 of 3 are away: 1: no answer.*2: .*another-model/),
    });
    for (let count = 0; count < 3; count += 1) await drain(pool);
    expect([silent.asked, other.asked, good.asked]).toEqual([0, 0, 3]);

    good.models = [];
    expect(await check()).toMatchObject({ isHealthy: false });
    other.models = [task.model];
    expect(await check()).toMatchObject({ isHealthy: true });
    await drain(pool);
    expect(other.asked).toBe(1);
  });

  it("claims a sampler only where all agree, and the shortest context", () => {
    const fake = (sampler: "llama.cpp" | "gumbel-murmur3", tokens: number | null): InferenceBackend => ({
      ...createFakeBackend(),
      sampler: () => sampler,
      contextTokens: () => tokens,
    });
    const of = (...members: readonly InferenceBackend[]) => pooledBackend({ members: members.map((backend) => ({ backend })) });
    const [one, other] = [fake("gumbel-murmur3", 4_096), fake("llama.cpp", 2_048)];
    expect(of(one, fake("gumbel-murmur3", null)).sampler?.("m")).toBe("gumbel-murmur3");
    expect(of(one, other).sampler?.("m")).toBeNull();
    expect(of(one, other).contextTokens?.("m")).toBe(2_048);
  });

  it("names every mistake in its options", () => {
    expect(() => pooledBackend({ members: [] })).toThrow(/members/);
    expect(() => pooledBackend({ members: [{ backend: createFakeBackend(), weight: 0 }], firstContentMs: -1 })).toThrow(
      /weight.*firstContentMs/,
    );
  });
});
