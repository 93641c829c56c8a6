import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { answerTranscript, getFamily, receiptEvent } from "@vision/protocol";
import { createHotkeyFromUri, type Hotkey, ready, sha256Hex, signReceipt, verifyReceipt } from "@vision/signing";
import { type CollectedReply, collectReply, createMinerClient, type MinerClient, type MinerTarget } from "../src/client/index.js";
import { createMiner, silentLogger } from "../src/index.js";
import { serve } from "../src/node/index.js";
import { createManualClock } from "../src/runtime/manual-clock.js";
import { startHostileServer } from "./support/hostile-server.js";
import { chatRequest, chatTask } from "./support/peers.js";
import { chatChunk, createWordBackend } from "./support/scripted-backend.js";

const chat = getFamily("chat-completions");
const closers: (() => Promise<unknown> | unknown)[] = [];
let miner: Hotkey;
let validator: Hotkey;
beforeAll(async () => {
  await ready();
  miner = createHotkeyFromUri("//Miner");
  validator = createHotkeyFromUri("//Validator");
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const ask = async (client: MinerClient, target: MinerTarget, isStream = true, isReceiptWanted = true): Promise<CollectedReply> => {
  const request = chatRequest();
  const reply = await client.send(target, { task: chatTask, request, isStream, isReceiptWanted });
  return collectReply(reply, { family: chat, request });
};

describe("a receipt that is asked for", () => {
  it.each([true, false])("is the miner's signature under the answer that was collected (streamed: %s)", async (isStream) => {
    const tasks = { "chat-tiny": { capacityPerHour: 3_600_000 } };
    const served = createMiner({ hotkey: miner, tasks, backend: createWordBackend(["Hi", " there"]), logger: silentLogger });
    const server = await serve(served, { port: 0, host: "127.0.0.1", drainMs: 0 });
    const client = createMinerClient({ hotkey: validator });
    closers.push(server.close, client.close);
    const target = { hotkey: miner.address, host: "127.0.0.1", port: server.port };
    const collected = await ask(client, target, isStream);
    if (collected.outcome !== "ok" || collected.receipt === null) throw new Error("no receipt");
    expect(collected.receipt.answerSha256Hex).toBe(sha256Hex(answerTranscript(collected.answer)));
    expect(verifyReceipt(collected.receipt, { miner: miner.address, validator: validator.address })).toBe(true);
    expect(await ask(client, target, isStream, false)).toMatchObject({ outcome: "ok", receipt: null });
  });

  const answered = async (receiptOf: (body: string, atMs: number) => string | null) => {
    const clock = createManualClock();
    const client = createMinerClient({ hotkey: validator, clock });
    const server = await startHostileServer({
      hotkey: miner,
      clock,
      answer(_request, response, body) {
        const receipt = receiptOf(body.toString(), clock.nowMs());
        const events = [chatChunk("a", "stop"), ...(receipt === null ? [] : [receiptEvent(receipt)]), "[DONE]"];
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.end(events.map((data) => `data: ${data}\n\n`).join(""));
      },
    });
    closers.push(client.close, server.close);
    return ask(client, server.target);
  };

  const answer = {
    ...({ kind: "text", text: "a", finishReason: "stop" } as const),
    tokens: [{ bytes: [97], text: "a", logprob: -0.5 }],
  };

  it("is taken from any miner that signs what it said", async () => {
    const signed = (body: string, atMs: number) =>
      signReceipt({ hotkey: miner, validator: validator.address, requestSha256Hex: sha256Hex(body), answer, atMs });
    expect(await answered(signed)).toMatchObject({ outcome: "ok", receipt: { answerSha256Hex: expect.any(String) } });
  });

  it("is the miner's failure where it is missing, by another key, for another answer or request, or of another time", async () => {
    expect(await answered(() => null)).toMatchObject({
      outcome: "failed",
      stage: "content",
      blame: "miner",
      reason: "the receipt is missing",
    });
    const claim = (body: string, atMs: number) => ({ validator: validator.address, requestSha256Hex: sha256Hex(body), answer, atMs });
    const wrong: readonly ((body: string, atMs: number) => string)[] = [
      (body, atMs) => signReceipt({ ...claim(body, atMs), hotkey: validator }),
      (body, atMs) => signReceipt({ ...claim(body, atMs), hotkey: miner, answer: { ...answer, text: "b" } }),
      (body, atMs) => signReceipt({ ...claim(`${body} `, atMs), hotkey: miner }),
      (body, atMs) => signReceipt({ ...claim(body, atMs + 61_000), hotkey: miner }),
      () => "nonsense",
    ];
    for (const [index, make] of wrong.entries()) {
      expect({ index, reply: await answered(make) }).toMatchObject({
        reply: { outcome: "failed", stage: "content", blame: "miner", reason: "the receipt is wrong" },
      });
    }
  });
});
