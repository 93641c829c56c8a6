import { beforeAll, describe, expect, it } from "@jest/globals";
import { answerTimeLimits } from "@vision/protocol";
import { createHotkeyFromUri, ready } from "@vision/signing";
import type { MinerEvent } from "../src/index.js";
import { chatTask, createTestMiner, errorCode, readAll } from "./support/peers.js";
import { chatChunk, createGatedBackend, createWordBackend } from "./support/scripted-backend.js";

beforeAll(ready);

const limits = answerTimeLimits(chatTask, 10);

describe("slots", () => {
  const oneSlot = { "chat-tiny": { capacityPerHour: 3_600_000, concurrency: 1 } };

  /** A miner with one request under way that has sent one event. */
  const start = async (signal?: AbortSignal, maxTokens = 10) => {
    const gate = createGatedBackend();
    const events: MinerEvent[] = [];
    const test = createTestMiner({ tasks: oneSlot, backend: gate.backend, observe: (event) => events.push(event) });
    const answering = test.chat({ fields: { max_tokens: maxTokens }, ...(signal === undefined ? {} : { signal }) });
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

  it("kept a share free for a validator that had left, for as long as the clock was set back", async () => {
    const tasks = { "chat-tiny": { capacityPerHour: 3_600_000, concurrency: 2 } };
    const { chat, clock } = createTestMiner({ tasks, backend: createWordBackend(["a"]) });
    clock.advance(60_000);
    await readAll(await chat({ validator: createHotkeyFromUri("//Bob") }));
    clock.stepWall(-15_000);
    clock.advance(10_001);
    // Their slots are theirs until they are read.
    const [first, second] = [await chat(), await chat()];
    expect([first.status, second.status]).toEqual([200, 200]);
    await Promise.all([readAll(first), readAll(second)]);
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
    clock.advance(limits.totalMs - 1);
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 1 });
    clock.advance(1);
    expect([miner.getInFlight(), call.isAborted]).toEqual([{ "chat-tiny": 0 }, true]);
    expect(events).toMatchObject([{ outcome: "timedOut" }]);
  });

  it("gives a backend up that hangs before its first content, long before a long answer's time is over", async () => {
    const gate = createGatedBackend();
    const { chat, miner, clock } = createTestMiner({ tasks: oneSlot, backend: gate.backend });
    const answering = chat({ fields: { max_tokens: 100_000 } });
    const call = await gate.nextCall();
    clock.advance(limits.firstContentMs);
    expect([miner.getInFlight(), call.isAborted]).toEqual([{ "chat-tiny": 0 }, true]);
    expect((await answering).status).toBe(502);
  });

  it("regression: a role alone ended the wait for the first token; a backend that sends nothing after it is given up in the same time", async () => {
    const gate = createGatedBackend();
    const { chat, miner, clock } = createTestMiner({ tasks: oneSlot, backend: gate.backend });
    const answering = chat({ fields: { max_tokens: 10_000 } });
    const call = await gate.nextCall();
    clock.advance(limits.firstContentMs - 2);
    call.emit({ kind: "event", data: chatChunk("") });
    const { body } = await answering;
    if (typeof body === "string") throw new Error("not streamed");
    const iterator = body[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next();
    clock.advance(1);
    expect(call.isAborted).toBe(false);
    clock.advance(1);
    expect([miner.getInFlight(), call.isAborted]).toEqual([{ "chat-tiny": 0 }, true]);
    await waiting;
  });

  it("regression: a backend that sends many tokens at a time was given up between them; at the target's pace it never is", async () => {
    const { clock, call, iterator } = await start(undefined, 10_000);
    const burst = JSON.stringify({
      choices: [{ index: 0, delta: { content: "x" }, logprobs: { content: Array(1_000).fill({ token: "x", logprob: -0.5 }) } }],
    });
    const burstMs = (1_000 / chatTask.target.unitsPerSecond) * 1_000;
    expect(burstMs).toBeGreaterThan(limits.betweenContentMs);
    for (let count = 0; count < 5; count += 1) {
      call.emit({ kind: "event", data: burst });
      await iterator.next();
      const next = iterator.next();
      clock.advance(burstMs);
      expect([count, call.isAborted]).toEqual([count, false]);
      call.emit({ kind: "event", data: burst });
      await next;
    }
    await iterator.return?.();
  });

  it("gives a backend up that hangs between two events, counted from the last one", async () => {
    const { miner, clock, call, iterator } = await start(undefined, 10_000);
    for (const content of ["b", "c"]) {
      const next = iterator.next();
      clock.advance(limits.betweenContentMs - 1);
      call.emit({ kind: "event", data: chatChunk(content) });
      expect((await next).done).toBe(false);
    }
    const waiting = iterator.next();
    clock.advance(limits.betweenContentMs - 1);
    expect(call.isAborted).toBe(false);
    clock.advance(1);
    expect([miner.getInFlight(), call.isAborted]).toEqual([{ "chat-tiny": 0 }, true]);
    await waiting;
  });

  it("does not hold a slow reader against the backend", async () => {
    const { clock, call, iterator } = await start();
    clock.advance(limits.betweenContentMs + 1);
    expect(call.isAborted).toBe(false);
    call.end();
    await iterator.next();
  });

  it("lets a long answer take longer than the task's time for a typical one", async () => {
    const gate = createGatedBackend();
    const { chat, clock } = createTestMiner({ tasks: oneSlot, backend: gate.backend });
    const answering = chat({ fields: { max_tokens: 10_000 } });
    const call = await gate.nextCall();
    call.emit({ kind: "event", data: chatChunk("a") });
    const { body } = await answering;
    if (typeof body === "string") throw new Error("not streamed");
    const iterator = body[Symbol.asyncIterator]();
    await iterator.next();
    clock.advance(10_000 / chatTask.target.unitsPerSecond / 0.001);
    expect(call.isAborted).toBe(false);
    await iterator.return?.();
  });

  it("ends what is under way when it drains, and tells new requests to come later", async () => {
    const { miner, call, iterator, chat, askCapacity, events } = await start();
    let isIdle = false;
    const draining = miner.drain().then(() => {
      isIdle = true;
    });
    const refused = await chat();
    expect([refused.status, refused.headers["retry-after"], await errorCode(refused)]).toEqual([429, "10", "rate_limited"]);
    await expect(askCapacity()).rejects.toThrow("503");
    call.emit({ kind: "event", data: chatChunk("b", "stop") });
    await iterator.next();
    expect(isIdle).toBe(false);
    call.end();
    await iterator.next();
    await draining;
    expect(events.map((event) => event.outcome)).toEqual(["rateLimited", "ok"]);
    await miner.drain();
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
    clock.advance(limits.totalMs);
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
