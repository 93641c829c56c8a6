import { beforeAll, describe, expect, it } from "@jest/globals";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { chatTask, createTestMiner, readAll, taskOf } from "./support/peers.js";
import { chatChunk, createGatedBackend, createWordBackend } from "./support/scripted-backend.js";

beforeAll(ready);

const tasks = { "chat-tiny": { capacityPerHour: 3_600 } };
const both = [chatTask, taskOf("completion-tiny")];
const completion = { model: "completion-tiny", prompt: "hi", stream: true };

describe("changeCapacity", () => {
  it("declares the new capacity at the next question, and lets each validator use what it was told until then", async () => {
    const { miner, askCapacity, chat } = createTestMiner({ tasks, backend: createWordBackend(["a"]) });
    expect(await askCapacity()).toEqual({ "chat-tiny": 3_600 });
    miner.changeCapacity({ ...miner.getCapacity(), tasks: { "chat-tiny": { capacityPerHour: 36 } } });
    // Ten minutes of 3,600 tokens an hour, as it was told.
    const first = await chat({ fields: { max_tokens: 600 } });
    expect(first.status).toBe(200);
    await readAll(first);
    // A validator that was told nothing has the new one, which is two typical requests at a time.
    const stranger = createHotkeyFromUri("//Stranger");
    expect((await chat({ validator: stranger, fields: { max_tokens: 600 } })).status).toBe(200);
    expect((await chat({ validator: stranger, fields: { max_tokens: 600 } })).status).toBe(429);
    expect(await askCapacity()).toEqual({ "chat-tiny": 18 });
    expect((await chat({ fields: { max_tokens: 600 } })).status).toBe(200);
    expect((await chat({ fields: { max_tokens: 600 } })).status).toBe(429);
  });

  it("withdraws a task with a capacity of 0, and offers it again", async () => {
    const { miner, askCapacity } = createTestMiner({ tasks, backend: createWordBackend([]) });
    miner.changeCapacity({ ...miner.getCapacity(), tasks: { "chat-tiny": { capacityPerHour: 0 } } });
    expect(await askCapacity()).toEqual({ "chat-tiny": 0 });
    miner.changeCapacity({ ...miner.getCapacity(), tasks: { "chat-tiny": { capacityPerHour: 7_200 } } });
    expect(await askCapacity()).toEqual({ "chat-tiny": 7_200 });
  });

  it("counts slots at once, and lets what runs go on", async () => {
    const gate = createGatedBackend();
    const slots = (concurrency: number) => ({ "chat-tiny": { capacityPerHour: 3_600_000, concurrency } });
    const { miner, chat } = createTestMiner({ tasks: slots(2), backend: gate.backend });
    const start = async () => {
      const answering = chat({ fields: { max_tokens: 10 } });
      const call = await gate.nextCall();
      call.emit({ kind: "event", data: chatChunk("a", "stop") });
      return { call, text: readAll(await answering) };
    };
    const first = await start();
    const second = await start();
    miner.changeCapacity({ ...miner.getCapacity(), tasks: slots(1) });
    expect((await chat()).status).toBe(429);
    first.call.end();
    expect(await first.text).toContain("[DONE]");
    expect((await chat()).status).toBe(429);
    second.call.end();
    expect(await second.text).toContain("[DONE]");
    await start();
    expect((await chat()).status).toBe(429);
    miner.changeCapacity({ ...miner.getCapacity(), tasks: slots(2) });
    await start();
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 2 });
  });

  it("holds what a validator was told of a machine, however the machine is divided now", async () => {
    const shared = { "chat-tiny": { capacityPerHour: 3_600 }, "completion-tiny": { capacityPerHour: 7_200 } };
    const pools = { gpu0: { tasks: { "chat-tiny": 0.75, "completion-tiny": 0.25 } } };
    const { miner, askCapacity, chat, post } = createTestMiner({ tasks: shared, pools, backend: createWordBackend(["a"]) });
    expect(await askCapacity({ tasks: both })).toEqual({ "chat-tiny": 2_700, "completion-tiny": 1_800 });
    // A tenth of the machine that was told: an hour of it is 360 chat tokens now, and was 3,600.
    const slower = { "chat-tiny": { capacityPerHour: 360 }, "completion-tiny": { capacityPerHour: 720 } };
    miner.changeCapacity({ ...miner.getCapacity(), tasks: slower, pools: { gpu0: { tasks: { "chat-tiny": 1 } } } });
    const half = await chat({ fields: { max_tokens: 300 } });
    const otherHalf = await post("/v1/completions", { ...completion, max_tokens: 600 });
    const tooMuch = await chat({ fields: { max_tokens: 300 } });
    expect([half.status, otherHalf.status, tooMuch.status]).toEqual([200, 200, 429]);
    expect(await askCapacity({ tasks: both })).toEqual({ "chat-tiny": 360, "completion-tiny": 720 });
  });

  it("changes nothing where something is wrong, and names every mistake", async () => {
    const { miner, askCapacity } = createTestMiner({ tasks, backend: createWordBackend([]) });
    const before = miner.getCapacity();
    const change = (changed: object) => () => miner.changeCapacity({ ...before, ...changed });
    expect(change({ tasks: { "image-tiny": { capacityPerHour: 1 } } })).toThrow(
      /tasks\.image-tiny: is not served .*; tasks\.chat-tiny: is missing/,
    );
    expect(change({ tasks: { "chat-tiny": { capacityPerHour: -1 } } })).toThrow(/at least 0/);
    expect(change({ pools: { gpu0: { tasks: { "chat-tiny": 1.5 } } } })).toThrow(/pools\.gpu0/);
    expect(change({ capacitySharing: "everything" })).toThrow(/capacitySharing/);
    expect(miner.getCapacity()).toEqual(before);
    expect(await askCapacity()).toEqual({ "chat-tiny": 3_600 });
  });
});
