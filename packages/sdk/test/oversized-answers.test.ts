import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { type AnswerPart, chatCompletions, createWireError } from "@vision/protocol";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import { collectReply, createMinerClient, type MinerClient } from "../src/client/index.js";
import { createManualClock } from "../src/runtime/manual-clock.js";
import { type Answer, type HostileServer, startHostileServer } from "./support/hostile-server.js";
import { chatRequest, chatTask } from "./support/peers.js";
import { chatBody, chatChunk } from "./support/scripted-backend.js";

let validator: Hotkey;
let minerHotkey: Hotkey;
let client: MinerClient;
let server: HostileServer;
beforeAll(async () => {
  await ready();
  validator = createHotkeyFromUri("//Validator");
  minerHotkey = createHotkeyFromUri("//Miner");
});
afterEach(async () => {
  await client.close();
  await server.close();
});

const ask = async (
  answer: Answer,
  { isStream = true, onParts }: { isStream?: boolean; onParts?: (parts: readonly AnswerPart[]) => void } = {},
) => {
  const clock = createManualClock();
  client = createMinerClient({ hotkey: validator, clock });
  server = await startHostileServer({ hotkey: minerHotkey, clock, answer });
  const request = chatRequest({ max_tokens: 40 });
  const reply = await client.send(server.target, { task: chatTask, request, isStream });
  return collectReply(reply, { family: chatCompletions, request, ...(onParts === undefined ? {} : { onParts }) });
};

const sse = { "content-type": "text/event-stream" };
const event = (data: string) => `data: ${data}\n\n`;

/** Sends the same bytes until the connection is cut, at most 60 MB; resolves with what was sent when it is. */
const flood = (head: string, chunk: string) => {
  let writtenBytes = 0;
  let isCut: (bytes: number) => void = () => {};
  const cut = new Promise<number>((resolve) => {
    isCut = resolve;
  });
  const answer: Answer = (_request, response) => {
    response.writeHead(200, sse);
    response.on("error", () => undefined);
    response.on("close", () => isCut(writtenBytes));
    const more = () => {
      if (response.destroyed || writtenBytes > 60_000_000) return;
      writtenBytes += chunk.length;
      response.write(chunk, () => setImmediate(more));
    };
    response.write(head);
    more();
  };
  return { answer, cut };
};

describe("answers out of proportion to the request", () => {
  it("a stream of millions of tokens for max_tokens 40 is cut at once and blamed on the miner", async () => {
    const { answer, cut } = flood("", event(chatChunk("a")));
    const result = await ask(answer);
    expect(result).toMatchObject({ outcome: "failed", blame: "miner", reason: "more than the 40 tokens that were asked for" });
    expect(await cut).toBeLessThan(2_000_000);
    expect("eventCount" in result && result.eventCount).toBeLessThan(60);
  });

  it("a stream of empty events is cut when it is larger than 40 tokens can need", async () => {
    const { answer, cut } = flood(event(chatChunk("a")), event(chatChunk("")).repeat(100));
    expect(await ask(answer)).toMatchObject({
      outcome: "failed",
      blame: "miner",
      reason: expect.stringContaining("stream is larger than"),
    });
    expect(await cut).toBeLessThan(8_000_000);
  });

  it("a body of 10 MB for max_tokens 40 is not read to its end", async () => {
    const result = await ask(
      (_request, response) => {
        response.on("error", () => undefined);
        response.writeHead(200, { "content-type": "application/json" }).end(chatBody("x".repeat(10_000_000)));
      },
      { isStream: false },
    );
    expect(result).toMatchObject({ outcome: "failed", blame: "miner", reason: expect.stringContaining("body is larger than") });
  });
});

describe("JSON that breaks whoever handles it", () => {
  const deep = `{"choices":[{"delta":{"content":"a"}}],"x":${"[".repeat(5000)}${"]".repeat(5000)}}`;

  it("an event nested 5000 deep is the miner's fault, and never reaches the tap that it would make throw", async () => {
    const tapped: string[] = [];
    const result = await ask(
      (_request, response) => {
        response.writeHead(200, sse);
        response.end(event(chatChunk("a")) + event(deep) + event("[DONE]"));
      },
      { onParts: (parts) => tapped.push(JSON.stringify(parts)) },
    );
    expect(result).toMatchObject({ outcome: "failed", blame: "miner", reason: "an event is nested too deep", eventCount: 1 });
    expect(tapped).toHaveLength(1);
  });

  it("so is a body nested 5000 deep", async () => {
    const answer: Answer = (_request, response) => response.writeHead(200, { "content-type": "application/json" }).end(deep);
    expect(await ask(answer, { isStream: false })).toMatchObject({
      outcome: "failed",
      blame: "miner",
      reason: "the body is nested too deep",
    });
  });
});

describe("a miner's refusal", () => {
  it("keeps its status and code, so that an invalid request can be told from a failing miner", async () => {
    const refuse = JSON.stringify(createWireError("invalid_request", "too long"));
    expect(await ask((_request, response) => response.writeHead(400).end(refuse))).toMatchObject({
      outcome: "failed",
      status: 400,
      code: "invalid_request",
    });
  });

  it("has no code where it gave none", async () => {
    expect(await ask((_request, response) => response.writeHead(422).end("no"))).toMatchObject({
      outcome: "failed",
      status: 422,
      code: null,
    });
  });
});
