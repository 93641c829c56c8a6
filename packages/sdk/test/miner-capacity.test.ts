import { beforeAll, describe, expect, it } from "@jest/globals";
import { compareProtocols } from "@vision/protocol";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import { chatTask, createTestMiner, directory, readAll, taskOf } from "./support/peers.js";
import { createWordBackend } from "./support/scripted-backend.js";

const tasks = { "chat-tiny": { capacityPerHour: 36_000 } };
let alice: Hotkey;
let bob: Hotkey;
beforeAll(async () => {
  await ready();
  alice = createHotkeyFromUri("//Alice");
  bob = createHotkeyFromUri("//Bob");
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
    const differences = compareProtocols({ protocolVersion: "3.0", tasks: [chatTask] }, { protocolVersion: "3.0", tasks: [other] });
    expect(differences.some((difference) => difference.isBreaking)).toBe(true);
    const { askCapacity, chat } = createTestMiner({ tasks, backend: createWordBackend(["a"]) });
    expect(await askCapacity({ tasks: [other] })).toEqual({});
    expect((await chat()).status).toBe(404);
    expect((await chat({ validator: bob })).status).toBe(200);
  });

  it("answers 409 to another major version and 400 to what is no request", async () => {
    const { post } = createTestMiner({ tasks, backend: createWordBackend([]) });
    expect((await post("/v1/capacity", { protocolVersion: "2.0", periodMs: 1, tasks: [] })).status).toBe(409);
    expect((await post("/v1/capacity", { protocolVersion: "3.0" })).status).toBe(400);
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

  it("regression: users who left emptied an honest miner; whoever leaves before the end is charged what was sent", async () => {
    const { chat, clock } = createTestMiner({ tasks: { "chat-tiny": { capacityPerHour: 3_600 } }, backend: createWordBackend(["a", "b"]) });
    const first = await chat({ fields: { max_tokens: 600 } });
    if (typeof first.body === "string") throw new Error("not streamed");
    for await (const _chunk of first.body) break;
    const refused = await chat({ fields: { max_tokens: 600 } });
    expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "1"]);
    clock.advance(1_000);
    expect((await chat({ fields: { max_tokens: 600 } })).status).toBe(200);
  });
});
