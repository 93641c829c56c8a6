import { expect, it } from "@jest/globals";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { createMinerClient } from "../src/client/index.js";
import { createMiner, silentLogger } from "../src/index.js";
import { serve } from "../src/node/index.js";
import { chatRequest, chatTask } from "./support/peers.js";
import { createWordBackend } from "./support/scripted-backend.js";

it("sends no miner half a character, wherever it comes from: an answer of another miner that goes on may hold one", async () => {
  await ready();
  const asked: unknown[] = [];
  const words = createWordBackend(["answer"]);
  const backend: typeof words = {
    ...words,
    run(call) {
      asked.push(call.request["messages"]);
      return words.run(call);
    },
  };
  const hotkey = createHotkeyFromUri("//Miner");
  const tasks = { "chat-tiny": { capacityPerHour: 3_600_000 } };
  const server = await serve(createMiner({ hotkey, tasks, backend, logger: silentLogger }), { port: 0, host: "127.0.0.1", drainMs: 0 });
  const client = createMinerClient({ hotkey: createHotkeyFromUri("//Validator") });
  try {
    const contents = ["Hi", "broken off \ud83d", "whole \u{1f600} and \\ud83d"];
    const messages = contents.map((content, index) => ({ role: index % 2 === 0 ? "user" : "assistant", content }));
    const target = { hotkey: hotkey.address, host: "127.0.0.1", port: server.port };
    const reply = await client.send(target, { task: chatTask, request: chatRequest({ messages }), isStream: false });
    expect(reply.kind).not.toBe("failed");
    expect(asked).toMatchObject([[{ content: "Hi" }, { content: "broken off \ufffd" }, { content: "whole \u{1f600} and \\ud83d" }]]);
  } finally {
    await client.close();
    await server.close();
  }
});
