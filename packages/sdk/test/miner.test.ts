import { beforeAll, describe, expect, it } from "@jest/globals";
import { compareProtocols, VisionError } from "@vision/protocol";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import { BackendError, createMiner, type MinerEvent, silentLogger, type ValidatorDirectory } from "../src/index.js";
import { chatRequest, chatTask, createTestMiner, errorCode, readAll, taskOf } from "./support/peers.js";
import { busy, chatBody, chatChunk, createGatedBackend, createThrowingBackend, createWordBackend } from "./support/scripted-backend.js";

const tasks = { "chat-tiny": { capacityPerHour: 36_000 } };
let alice: Hotkey;
let bob: Hotkey;
beforeAll(async () => {
  await ready();
  alice = createHotkeyFromUri("//Alice");
  bob = createHotkeyFromUri("//Bob");
});

function directory(stakes: Readonly<Record<string, bigint>>): ValidatorDirectory {
  return {
    isAllowed: (hotkey) => {
      const stakeRao = stakes[hotkey];
      return stakeRao === undefined ? { isAllowed: false, reason: "not registered" } : { isAllowed: true, stakeRao };
    },
    totalStakeRao: () => Object.values(stakes).reduce((sum, stake) => sum + stake, 0n),
  };
}

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
    const backend = {
      name: "recorder",
      async *run({ request }: { request: unknown }) {
        models.push((request as { model: string }).model);
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
    expect(JSON.parse(await readAll(response))).toEqual({ protocolVersion: "1.0", hotkey: hotkey.address, tasks: ["chat-tiny"] });
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

describe("slots", () => {
  const oneSlot = { "chat-tiny": { capacityPerHour: 3_600_000, concurrency: 1 } };

  /** A miner with one request under way that has sent one event. */
  const start = async (signal?: AbortSignal) => {
    const gate = createGatedBackend();
    const events: MinerEvent[] = [];
    const test = createTestMiner({ tasks: oneSlot, backend: gate.backend, observe: (event) => events.push(event) });
    const answering = test.chat(signal === undefined ? {} : { signal });
    const call = await gate.nextCall();
    call.emit({ kind: "event", data: chatChunk("a") });
    const response = await answering;
    if (typeof response.body === "string") throw new Error("not streamed");
    const iterator = response.body[Symbol.asyncIterator]();
    await iterator.next();
    expect(test.miner.getInFlight()).toEqual({ "chat-tiny": 1 });
    return { ...test, gate, call, iterator, events };
  };

  it("refuses with 429 what does not fit", async () => {
    const { chat } = await start();
    const response = await chat();
    expect([response.status, response.headers["retry-after"], await errorCode(response)]).toEqual([429, "1", "rate_limited"]);
  });

  it("frees the slot when the answer is finished", async () => {
    const { miner, call, iterator, events } = await start();
    call.emit({ kind: "event", data: chatChunk("b", "stop") });
    await iterator.next();
    call.end();
    await iterator.next();
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 0 });
    expect(events).toMatchObject([{ outcome: "ok", workUnits: 2, taskId: "chat-tiny" }]);
  });

  it("frees the slot when the backend fails in the middle, and does not say [DONE]", async () => {
    const { miner, call, iterator, events } = await start();
    call.fail(new Error("broken"));
    const last = await iterator.next();
    expect(JSON.parse(String(last.value).slice(6)).error.code).toBe("backend_failed");
    expect((await iterator.next()).done).toBe(true);
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 0 });
    expect(events).toMatchObject([{ outcome: "failed" }]);
  });

  it("frees the slot when the client goes away, even if the backend ignores it", async () => {
    const controller = new AbortController();
    const { miner, call, iterator, events } = await start(controller.signal);
    const waiting = iterator.next();
    controller.abort();
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 0 });
    expect(call.isAborted).toBe(true);
    await waiting;
    expect((await iterator.next()).done).toBe(true);
    expect(events).toMatchObject([{ outcome: "cancelled" }]);
  });

  it("frees the slot when the client goes away before the first part", async () => {
    const controller = new AbortController();
    const gate = createGatedBackend();
    const { chat, miner } = createTestMiner({ tasks: oneSlot, backend: gate.backend });
    const answering = chat({ signal: controller.signal });
    await gate.nextCall();
    controller.abort();
    await answering;
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 0 });
  });

  it("never starts for a client that is gone already", async () => {
    const gate = createGatedBackend();
    const { chat, miner } = createTestMiner({ tasks: oneSlot, backend: gate.backend });
    await chat({ signal: AbortSignal.abort() });
    expect([gate.calls.length, miner.getInFlight()]).toEqual([0, { "chat-tiny": 0 }]);
  });

  it("frees the slot when the stream is given up by its reader", async () => {
    const { miner, call, iterator } = await start();
    await iterator.return?.();
    expect([miner.getInFlight(), call.isAborted]).toEqual([{ "chat-tiny": 0 }, true]);
    expect((await iterator.next()).done).toBe(true);
  });

  it("frees the slot after the task's time, even if nobody reads and the backend hangs", async () => {
    const { miner, clock, events, call } = await start();
    clock.advance(chatTask.timeoutMs);
    expect([miner.getInFlight(), call.isAborted]).toEqual([{ "chat-tiny": 0 }, true]);
    expect(events).toMatchObject([{ outcome: "timedOut" }]);
  });

  it("frees the slot when the miner is closed", async () => {
    const { miner, call, chat } = await start();
    await miner.close();
    expect([miner.getInFlight(), call.isAborted]).toEqual([{ "chat-tiny": 0 }, true]);
    expect((await chat()).status).toBe(503);
  });

  it("frees a slot once, however often a request ends", async () => {
    const controller = new AbortController();
    const { miner, iterator, clock, events, gate, chat } = await start(controller.signal);
    const other = chat();
    controller.abort();
    await iterator.return?.();
    clock.advance(chatTask.timeoutMs);
    await other;
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 0 });
    expect(events.filter((event) => event.outcome !== "rateLimited")).toHaveLength(1);
    const next = chat();
    await gate.nextCall();
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 1 });
    await miner.close();
    await next;
  });

  it("leaves no timers behind", async () => {
    const controller = new AbortController();
    const { clock, call, iterator } = await start(controller.signal);
    call.end();
    await iterator.next();
    expect(clock.timerCount).toBe(0);
  });
});

describe("capacity", () => {
  it("declares what it serves, and nothing of what it does not", async () => {
    const { askCapacity } = createTestMiner({ tasks, backend: createWordBackend([]) });
    expect(await askCapacity({ tasks: [chatTask, taskOf("image-tiny"), { id: "broken" }, null] })).toEqual({ "chat-tiny": 36_000 });
    expect(await askCapacity({ tasks: [{ ...chatTask, isEnabled: false }] })).toEqual({});
  });

  it("divides it by stake among the validators that use it", async () => {
    const validators = directory({ [alice.address]: 300n, [bob.address]: 100n });
    const { askCapacity } = createTestMiner({ tasks, backend: createWordBackend([]), validators });
    expect(await askCapacity({ validator: alice })).toEqual({ "chat-tiny": 36_000 });
    expect(await askCapacity({ validator: bob })).toEqual({ "chat-tiny": 9_000 });
    expect(await askCapacity({ validator: alice })).toEqual({ "chat-tiny": 27_000 });
  });

  it("divides it equally where no stake is known, and not at all when told so", async () => {
    const equal = createTestMiner({ tasks, backend: createWordBackend([]) });
    await equal.askCapacity({ validator: alice });
    expect(await equal.askCapacity({ validator: bob })).toEqual({ "chat-tiny": 18_000 });
    const undivided = createTestMiner({ tasks, backend: createWordBackend([]), capacitySharing: "none" });
    await undivided.askCapacity({ validator: alice });
    expect(await undivided.askCapacity({ validator: bob })).toEqual({ "chat-tiny": 36_000 });
  });

  it("learns a custom task from a validator", async () => {
    const custom = { ...chatTask, id: "chat-custom", model: "custom-model" };
    const { askCapacity, chat } = createTestMiner({
      tasks: { "chat-custom": { capacityPerHour: 36_000 } },
      backend: createWordBackend(["a"]),
    });
    expect((await chat({ fields: { model: "chat-custom" } })).status).toBe(404);
    expect(await askCapacity({ tasks: [custom] })).toEqual({ "chat-custom": 36_000 });
    expect((await chat({ fields: { model: "chat-custom" } })).status).toBe(200);
    expect((await chat({ validator: bob, fields: { model: "chat-custom" } })).status).toBe(404);
  });

  it("does not serve a task by which the validator means another model", async () => {
    const other = { ...chatTask, model: "another" };
    const differences = compareProtocols({ protocolVersion: "1.0", tasks: [chatTask] }, { protocolVersion: "1.0", tasks: [other] });
    expect(differences.some((difference) => difference.isBreaking)).toBe(true);
    const { askCapacity, chat } = createTestMiner({ tasks, backend: createWordBackend(["a"]) });
    expect(await askCapacity({ tasks: [other] })).toEqual({});
    expect((await chat()).status).toBe(404);
    expect((await chat({ validator: bob })).status).toBe(200);
  });

  it("answers 409 to another major version and 400 to what is no request", async () => {
    const { post } = createTestMiner({ tasks, backend: createWordBackend([]) });
    expect((await post("/v1/capacity", { protocolVersion: "2.0", periodMs: 1, tasks: [] })).status).toBe(409);
    expect((await post("/v1/capacity", { protocolVersion: "1.0" })).status).toBe(400);
    expect((await post("/v1/capacity", "[")).status).toBe(400);
  });

  it("answers 429 once the declared capacity is used up, and serves again with time", async () => {
    // 3600 tokens an hour: one a second, ten minutes' worth to begin with.
    const { chat, clock } = createTestMiner({ tasks: { "chat-tiny": { capacityPerHour: 3_600 } }, backend: createWordBackend(["a"]) });
    const fields = { max_tokens: 600 };
    const first = await chat({ fields });
    const refused = await chat({ fields });
    expect([first.status, refused.status]).toEqual([200, 429]);
    // What was reserved and not used comes back: one token of 600 was.
    await readAll(first);
    const again = await chat({ fields });
    expect([again.status, again.headers["retry-after"]]).toEqual([429, "1"]);
    clock.advance(1_000);
    expect((await chat({ fields })).status).toBe(200);
  });

  it("charges in full whoever leaves before the end", async () => {
    const { chat } = createTestMiner({ tasks: { "chat-tiny": { capacityPerHour: 3_600 } }, backend: createWordBackend(["a", "b"]) });
    const first = await chat({ fields: { max_tokens: 600 } });
    if (typeof first.body === "string") throw new Error("not streamed");
    for await (const _chunk of first.body) break;
    const refused = await chat({ fields: { max_tokens: 600 } });
    expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "600"]);
  });
});
