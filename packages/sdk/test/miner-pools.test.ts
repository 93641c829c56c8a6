import { beforeAll, describe, expect, it } from "@jest/globals";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import fc from "fast-check";
import { createMiner, silentLogger } from "../src/index.js";
import { chatTask, createTestMiner, directory, readAll, taskOf } from "./support/peers.js";
import { createGatedBackend, createWordBackend } from "./support/scripted-backend.js";

const completionTask = taskOf("completion-tiny");
const both = [chatTask, completionTask];
const completion = { model: "completion-tiny", prompt: "hi", stream: true };
let alice: Hotkey;
let bob: Hotkey;
beforeAll(async () => {
  await ready();
  alice = createHotkeyFromUri("//Alice");
  bob = createHotkeyFromUri("//Bob");
});

/** One machine that answers 3,600 chat tokens or 7,200 completion tokens an hour. */
const tasks = { "chat-tiny": { capacityPerHour: 3_600 }, "completion-tiny": { capacityPerHour: 7_200 } };
const pools = { gpu0: { tasks: { "chat-tiny": 0.75, "completion-tiny": 0.25 } } };

describe("pools", () => {
  it("tasks of one machine declared the whole of it each: each declares its fraction, divided by stake among validators", async () => {
    const validators = directory({ [alice.address]: 300n, [bob.address]: 100n });
    const { askCapacity } = createTestMiner({ tasks, pools, backend: createWordBackend([]), validators });
    expect(await askCapacity({ validator: alice, tasks: both })).toEqual({ "chat-tiny": 2_700, "completion-tiny": 1_800 });
    expect(await askCapacity({ validator: bob, tasks: both })).toEqual({ "chat-tiny": 675, "completion-tiny": 450 });
  });

  it("never declare more than the machine, whatever the fractions, the validators and their stakes", async () => {
    const fraction = fc.double({ min: 0.001, max: 1, noNaN: true });
    const stakes = fc.array(fc.bigInt({ min: 1n, max: 10n ** 15n }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.tuple(fraction, fraction), stakes, async ([chat, other], stakesRao) => {
        const scale = Math.max(1, chat + other);
        const gpu0 = { tasks: { "chat-tiny": chat / scale, "completion-tiny": other / scale } };
        const hotkeys = stakesRao.map((_stake, index) => createHotkeyFromUri(`//Validator//${index}`));
        const validators = directory(Object.fromEntries(hotkeys.map(({ address }, index) => [address, stakesRao[index] ?? 1n])));
        const options = { tasks, pools: { gpu0 }, backend: createWordBackend([]), validators, capacitySharing: "among-permitted" as const };
        const { askCapacity } = createTestMiner(options);
        let machines = 0;
        for (const validator of hotkeys) {
          const declared = await askCapacity({ validator, tasks: both });
          machines += (declared["chat-tiny"] ?? 0) / 3_600 + (declared["completion-tiny"] ?? 0) / 7_200;
        }
        expect(machines).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 30 },
    );
  });

  it("draw on one budget: what one task has used of the machine the other cannot use again", async () => {
    // Ten minutes of the machine to begin with: 600 chat tokens.
    const { chat, post, clock } = createTestMiner({ tasks, pools, backend: createWordBackend(["a"]) });
    const first = await chat({ fields: { max_tokens: 600 } });
    expect(first.status).toBe(200);
    const refused = await post("/v1/completions", { ...completion, max_tokens: 1_200 });
    expect(refused.status).toBe(429);
    // One token of 600 was used, a second of the machine; what was not comes back.
    await readAll(first);
    const again = await post("/v1/completions", { ...completion, max_tokens: 1_200 });
    expect([again.status, again.headers["retry-after"]]).toEqual([429, "1"]);
    clock.advance(1_000);
    expect((await post("/v1/completions", { ...completion, max_tokens: 1_200 })).status).toBe(200);
  });

  it("give each validator its own part of the machine", async () => {
    const validators = directory({ [alice.address]: 1n, [bob.address]: 1n });
    const { chat, askCapacity } = createTestMiner({ tasks, pools, backend: createWordBackend(["a"]), validators });
    for (const validator of [alice, bob, alice]) await askCapacity({ validator, tasks: both });
    const fields = { max_tokens: 300 };
    expect((await chat({ validator: alice, fields })).status).toBe(200);
    expect((await chat({ validator: alice, fields })).status).toBe(429);
    expect((await chat({ validator: bob, fields })).status).toBe(200);
  });

  it("share their slots, and tell how many each task has in use", async () => {
    const gate = createGatedBackend();
    const large = { "chat-tiny": { capacityPerHour: 1e9 }, "completion-tiny": { capacityPerHour: 1e9 } };
    const gpu0 = { ...pools.gpu0, concurrency: 1 };
    const { miner, chat, post } = createTestMiner({ tasks: large, pools: { gpu0 }, backend: gate.backend });
    const answering = chat();
    const call = await gate.nextCall();
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 1, "completion-tiny": 0 });
    expect((await post("/v1/completions", { ...completion, max_tokens: 5 })).status).toBe(429);
    call.fail(new Error("broken"));
    await answering.then(readAll);
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 0, "completion-tiny": 0 });
  });

  it("leave tasks outside of them alone", async () => {
    const some = { gpu0: { tasks: { "chat-tiny": 0.5 } } };
    const { askCapacity, chat, post } = createTestMiner({ tasks, pools: some, backend: createWordBackend(["a"]) });
    expect(await askCapacity({ tasks: both })).toEqual({ "chat-tiny": 1_800, "completion-tiny": 7_200 });
    expect((await chat({ fields: { max_tokens: 300 } })).status).toBe(200);
    expect((await chat({ fields: { max_tokens: 300 } })).status).toBe(429);
    expect((await post("/v1/completions", { ...completion, max_tokens: 1_200 })).status).toBe(200);
  });

  it("are refused with every mistake at once, and what to do about each", () => {
    const make = (changes: object) => () =>
      createMiner({ hotkey: alice, tasks, backend: createWordBackend([]), logger: silentLogger, ...changes });
    expect(make({ pools: { gpu0: { tasks: { "chat-tiny": 0.1 + 0.2, "completion-tiny": 0.7 } } } })).not.toThrow();
    const wrong = {
      tasks: { ...tasks, "chat-tiny": { capacityPerHour: 3_600, concurrency: 4 } },
      pools: { gpu0: { tasks: { "chat-tiny": 0.8, "completion-tiny": 0.4 } }, gpu1: { tasks: { "chat-tiny": 0.5, "image-tiny": 0.5 } } },
      capacitySharing: "none",
    };
    for (const part of [
      "pools.gpu0.tasks: its fractions add up to 1.2",
      "pools.gpu1.tasks.chat-tiny: is in pool gpu0 already",
      "pools.gpu1.tasks.image-tiny: there is no such task",
      "tasks.chat-tiny.concurrency: belongs to the machine",
      "capacitySharing: would declare",
    ])
      expect(make(wrong)).toThrow(part);
    expect(make({ pools: { gpu0: { tasks: { "chat-tiny": 1.5 } } } })).toThrow("must be above 0 and at most 1");
    const idle = { "chat-tiny": { capacityPerHour: 0 } };
    expect(make({ tasks: idle, pools: { gpu0: { tasks: { "chat-tiny": 1 } } } })).toThrow("must be what the whole machine does");
  });
});
