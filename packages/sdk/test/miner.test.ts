import { beforeAll, describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import { BackendError, createMiner, type InferenceBackend, silentLogger } from "../src/index.js";
import { chatRequest, chatTask, createTestMiner, directory, errorCode, readAll } from "./support/peers.js";
import { busy, chatBody, chatChunk, createGatedBackend, createThrowingBackend, createWordBackend } from "./support/scripted-backend.js";

const tasks = { "chat-tiny": { capacityPerHour: 36_000 } };
let alice: Hotkey;
let bob: Hotkey;
beforeAll(async () => {
  await ready();
  alice = createHotkeyFromUri("//Alice");
  bob = createHotkeyFromUri("//Bob");
});

describe("options", () => {
  it("names every mistake at once", () => {
    const wrong = { "Bad Id": { capacityPerHour: Number.NaN }, "chat-tiny": { capacityPerHour: -1, concurrency: 0 } };
    try {
      createMiner({ hotkey: alice, tasks: wrong, logger: silentLogger });
      throw new Error("accepted");
    } catch (error) {
      if (!VisionError.isInstance(error, "SDK_INVALID_OPTIONS")) throw error;
      expect(error.facts["mistakes"]).toHaveLength(6);
    }
  });

  it("tells authors without a compiler what is wrong, in place of a TypeError", () => {
    const mistakesOf = (...input: readonly unknown[]): unknown => {
      try {
        Reflect.apply(createMiner, null, input);
        return null;
      } catch (error) {
        if (!VisionError.isInstance(error, "SDK_INVALID_OPTIONS")) throw error;
        return error.facts["mistakes"];
      }
    };
    const { specificationVersion: _version, ...unversioned } = createWordBackend(["a"]);
    const good = { hotkey: alice, tasks, backend: createWordBackend(["a"]), logger: silentLogger };
    expect(mistakesOf()).toEqual(["options: Invalid input: expected object, received undefined"]);
    expect(mistakesOf({ ...good, hotkey: "5Grw" })).toEqual([expect.stringContaining("hotkey: must be a hotkey")]);
    expect(mistakesOf({ ...good, capacitySharin: "none" })).toEqual([expect.stringContaining("capacitySharin")]);
    expect(mistakesOf({ ...good, tasks: { "chat-tiny": { capacityPerHour: 1, concurency: 4 } } })).toEqual([
      expect.stringMatching(/^tasks\.chat-tiny: .*concurency/),
    ]);
    expect(mistakesOf({ ...good, backend: unversioned })).toEqual([
      "backend: its specificationVersion is none; this SDK takes backends of version 1",
    ]);
    expect(mistakesOf({ ...good, backend: { ...unversioned, specificationVersion: 2 } })).toEqual([
      expect.stringContaining("specificationVersion is 2"),
    ]);
    expect(mistakesOf({ ...good, backend: () => good.backend })).toEqual(["backend: must be a backend, with run"]);
    expect(mistakesOf({ ...good, backends: { "chat-tyni": good.backend } })).toEqual([
      "backends.chat-tyni: there is no such task in tasks",
    ]);
    expect(mistakesOf({ ...good, validators: ["5Grw"] })).toEqual([expect.stringContaining("validators: must be a directory")]);
  });

  it("warns once when everybody is served", () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (message: string) => warnings.push(message) };
    createMiner({ hotkey: alice, tasks, backend: createWordBackend([]), logger });
    expect(warnings).toEqual([expect.stringContaining("Stake and permits are not checked")]);
  });
});

describe("answers", () => {
  it("streams every part as an event and ends with [DONE]", async () => {
    const { chat } = createTestMiner({ tasks, backend: createWordBackend(["a", "b"]) });
    const response = await chat();
    expect(response.status).toBe(200);
    expect(response.headers["content-type"]).toContain("text/event-stream");
    const expected = [chatChunk("a"), chatChunk("b"), chatChunk("", "stop"), "[DONE]"].map((data) => `data: ${data}\n\n`).join("");
    expect(await readAll(response)).toBe(expected);
  });

  it("passes a part on before the backend has made the next one", async () => {
    const gate = createGatedBackend();
    const { chat } = createTestMiner({ tasks, backend: gate.backend });
    const answering = chat();
    const call = await gate.nextCall();
    call.emit({ kind: "event", data: chatChunk("a") });
    const response = await answering;
    if (typeof response.body === "string") throw new Error("not streamed");
    const iterator = response.body[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe(`data: ${chatChunk("a")}\n\n`);
    call.emit({ kind: "event", data: chatChunk("b", "stop") });
    expect((await iterator.next()).value).toBe(`data: ${chatChunk("b", "stop")}\n\n`);
    call.end();
    expect((await iterator.next()).value).toBe("data: [DONE]\n\n");
    expect((await iterator.next()).done).toBe(true);
  });

  it("answers in one body when no stream is asked for", async () => {
    const { chat } = createTestMiner({ tasks, backend: createWordBackend(["a", "b"]) });
    const response = await chat({ fields: { stream: false } });
    expect([response.status, await readAll(response)]).toEqual([200, chatBody("ab")]);
  });

  it("gives the backend the task's model, or the miner's own name for it", async () => {
    const models: unknown[] = [];
    const backend: InferenceBackend = {
      specificationVersion: 1,
      name: "recorder",
      async *run({ request }) {
        models.push(request.model);
        yield { kind: "body" as const, body: chatBody("x") };
      },
    };
    await createTestMiner({ tasks, backend }).chat({ fields: { stream: false } });
    await createTestMiner({ tasks: { "chat-tiny": { capacityPerHour: 9_000, model: "own" } }, backend }).chat({
      fields: { stream: false },
    });
    expect(models).toEqual([chatTask.model, "own"]);
  });

  it("keeps an event with line breaks one event", async () => {
    const gate = createGatedBackend();
    const { chat } = createTestMiner({ tasks, backend: gate.backend });
    const answering = chat();
    const call = await gate.nextCall();
    call.emit({ kind: "event", data: '{"choices":\n[]}' });
    call.end();
    expect(await readAll(await answering)).toBe('data: {"choices":\ndata: []}\n\ndata: [DONE]\n\n');
  });

  it("tells who it is to anybody", async () => {
    const { miner, hotkey } = createTestMiner({ tasks, backend: createWordBackend([]) });
    const { signal } = new AbortController();
    const response = await miner.handle({ method: "GET", path: "/v1/status", headers: {}, body: new Uint8Array(0), signal });
    expect(JSON.parse(await readAll(response))).toEqual({ protocolVersion: "3.0", hotkey: hotkey.address, tasks: ["chat-tiny"] });
  });
});

describe("refusals", () => {
  const words = () => createWordBackend(["a"]);

  it("answers 401 to a request without or with wrong credentials", async () => {
    const { post, miner } = createTestMiner({ tasks, backend: words() });
    const response = await post("/v1/chat/completions", chatRequest(), { headers: {} });
    expect([response.status, await errorCode(response)]).toEqual([401, "unauthenticated"]);
    const head = { method: "POST", path: "/v1/chat/completions", headers: {} };
    const decision = miner.checkHead(head);
    expect(decision.kind === "refuse" && decision.response.status).toBe(401);
    const unknownSession = miner.checkHead({ ...head, headers: { "vision-session": "00".repeat(16) } });
    expect(unknownSession.kind === "refuse" && unknownSession.response.status).toBe(401);
  });

  it("answers 403 to a validator that is not allowed", async () => {
    const { chat } = createTestMiner({ tasks, backend: words(), validators: directory({ [bob.address]: 1n }) });
    const response = await chat({ validator: alice });
    expect([response.status, await errorCode(response)]).toEqual([403, "not_permitted"]);
    expect((await chat({ validator: bob })).status).toBe(200);
  });

  it("answers 404 to an unknown path, method or task", async () => {
    const { post, chat } = createTestMiner({ tasks, backend: words() });
    expect(await errorCode(await post("/v1/other", {}))).toBe("not_found");
    const unknown = await chat({ fields: { model: "chat-llama-3-1-8b" } });
    expect([unknown.status, await errorCode(unknown)]).toEqual([404, "unknown_task"]);
    const wrongFamily = await post("/v1/completions", { model: "chat-tiny", prompt: "x" });
    expect([wrongFamily.status, await errorCode(wrongFamily)]).toEqual([404, "unknown_task"]);
  });

  it("answers 400 with a reason to a body that is none", async () => {
    const { post } = createTestMiner({ tasks, backend: words() });
    for (const [body, reason] of [
      ["", "not valid JSON"],
      ["{", "not valid JSON"],
      ["null", "body"],
      ["[".repeat(5_000), "nested too deep"],
      [{ model: "chat-tiny" }, "messages"],
      [{ ...chatRequest(), temperature: 9 }, "temperature"],
      [{ ...chatRequest(), messages: [{ role: "nobody", content: "x" }] }, "messages.0.role"],
    ] as const) {
      const response = await post("/v1/chat/completions", body);
      expect({ body, status: response.status }).toEqual({ body, status: 400 });
      expect(await readAll(response)).toContain(reason);
    }
  });

  it("answers 413 to a body above the bound, before and after reading it", async () => {
    const { miner, post } = createTestMiner({ tasks, backend: words() });
    const head = { method: "POST", path: "/v1/hello", headers: { "content-length": "999999" } };
    const decision = miner.checkHead(head);
    expect(decision.kind === "refuse" && decision.response.status).toBe(413);
    expect((await post("/v1/hello", "x".repeat(20_000))).status).toBe(413);
  });

  it("turns a busy backend into 429 with Retry-After", async () => {
    const { chat, miner } = createTestMiner({ tasks, backend: createThrowingBackend(busy) });
    const response = await chat();
    expect([response.status, response.headers["retry-after"], await errorCode(response)]).toEqual([429, "3", "rate_limited"]);
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 0 });
  });

  it("turns a failing backend into 502 and keeps its text to itself", async () => {
    for (const error of [new Error("secret path"), new BackendError({ code: "failed", message: "secret host" }), "thrown text"]) {
      const { chat, miner } = createTestMiner({ tasks, backend: createThrowingBackend(error) });
      const response = await chat();
      const body = await readAll(response);
      expect(response.status).toBe(502);
      expect(body).not.toMatch(/secret|thrown/);
      expect(miner.getInFlight()).toEqual({ "chat-tiny": 0 });
    }
  });

  it("turns a request that the backend cannot serve into 400", async () => {
    const { chat } = createTestMiner({ tasks, backend: createThrowingBackend(new BackendError({ code: "invalid", message: "too long" })) });
    const response = await chat();
    expect([response.status, await readAll(response)]).toEqual([400, expect.stringContaining("too long")]);
  });

  it("answers 502 to a backend that says nothing or speaks in the wrong form", async () => {
    const gate = createGatedBackend();
    const { chat, miner } = createTestMiner({ tasks, backend: gate.backend });
    const nothing = chat();
    (await gate.nextCall()).end();
    expect((await nothing).status).toBe(502);
    const wrongForm = chat();
    (await gate.nextCall()).emit({ kind: "body", body: "{}" });
    expect((await wrongForm).status).toBe(502);
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 0 });
  });
});
