import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { getFamily, receiptEvent } from "@vision/protocol";
import { completeReceipt, createHotkeyFromUri, type Hotkey, ready, sha256Hex, signReceipt, verifyReceipt } from "@vision/signing";
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

/** Whether the reply's receipt is the miner's signature under its answer. */
function isTrue(reply: CollectedReply): boolean {
  if (reply.outcome !== "ok" || reply.receipt === null) throw new Error("no receipt");
  return verifyReceipt(completeReceipt(reply.receipt, reply.answer), { miner: miner.address, validator: validator.address });
}

describe("a receipt that is asked for", () => {
  it.each([true, false])("is the miner's signature under the answer that was collected (streamed: %s)", async (isStream) => {
    const tasks = { "chat-tiny": { capacityPerHour: 3_600_000 } };
    const served = createMiner({ hotkey: miner, tasks, backend: createWordBackend(["Hi", " there"]), logger: silentLogger });
    const server = await serve(served, { port: 0, host: "127.0.0.1", drainMs: 0 });
    const client = createMinerClient({ hotkey: validator });
    closers.push(server.close, client.close);
    const target = { hotkey: miner.address, host: "127.0.0.1", port: server.port };
    const collected = await ask(client, target, isStream);
    expect(isTrue(collected)).toBe(true);
    expect(await ask(client, target, isStream, false)).toMatchObject({ outcome: "ok", receipt: null });
  });

  type ReceiptOf = (body: string, atMs: number) => string | null;
  const answered = async (receiptOf: ReceiptOf, clock: ReturnType<typeof createManualClock> = createManualClock()) => {
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
    expect(isTrue(await answered(signed))).toBe(true);
  });

  it("is the miner's failure at once where it is missing, has not the shape of one or is of another time", async () => {
    const failed = { outcome: "failed", stage: "content", blame: "miner" };
    expect(await answered(() => null)).toMatchObject({ ...failed, reason: "the receipt is missing" });
    expect(await answered(() => "nonsense")).toMatchObject({ ...failed, reason: "the receipt is wrong" });
    for (const lateMs of [-61_000, 61_000]) {
      const ofAnotherTime = (body: string, atMs: number) =>
        signReceipt({ hotkey: miner, validator: validator.address, requestSha256Hex: sha256Hex(body), answer, atMs: atMs + lateMs });
      expect({ lateMs, reply: await answered(ofAnotherTime) }).toMatchObject({ reply: { ...failed, reason: "the receipt is wrong" } });
    }
  });

  it("regression: a clock that was set back while an answer was under way made its receipt wrong, and the miner was blamed", async () => {
    for (const byMs of [-600_000, 600_000]) {
      const manual = createManualClock();
      let setByMs = 0;
      const clock = { ...manual, nowMs: () => manual.nowMs() + setByMs };
      const signed = (body: string) => {
        const atMs = manual.nowMs();
        setByMs = byMs;
        return signReceipt({ hotkey: miner, validator: validator.address, requestSha256Hex: sha256Hex(body), answer, atMs });
      };
      expect(await answered(signed, clock)).toMatchObject({ outcome: "ok" });
    }
  });

  it("is handed on unverified: one by another key, or for another answer or request, shows when it is verified", async () => {
    const claim = (body: string, atMs: number) => ({ validator: validator.address, requestSha256Hex: sha256Hex(body), answer, atMs });
    const forged: readonly ((body: string, atMs: number) => string)[] = [
      (body, atMs) => signReceipt({ ...claim(body, atMs), hotkey: validator }),
      (body, atMs) => signReceipt({ ...claim(body, atMs), hotkey: miner, answer: { ...answer, text: "b" } }),
      (body, atMs) => signReceipt({ ...claim(`${body} `, atMs), hotkey: miner }),
    ];
    for (const [index, make] of forged.entries()) {
      expect({ index, isTrue: isTrue(await answered(make)) }).toEqual({ index, isTrue: false });
    }
  });
});
