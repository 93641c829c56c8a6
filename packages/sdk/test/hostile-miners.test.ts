import { afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { type AnswerPart, chatCompletions, createRegistry, PROTOCOL_VERSION, protocolLimits } from "@vision/protocol";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import { type CollectedReply, collectReply, createMinerClient, type MinerClient } from "../src/client/index.js";
import { createManualClock, type ManualClock } from "../src/runtime/manual-clock.js";
import { type Answer, type HostileServer, startHostileServer } from "./support/hostile-server.js";
import { chatRequest, chatTask } from "./support/peers.js";
import { chatBody, chatChunk } from "./support/scripted-backend.js";

let validator: Hotkey;
let minerHotkey: Hotkey;
let clock: ManualClock;
let client: MinerClient;
const servers: HostileServer[] = [];
beforeAll(async () => {
  await ready();
  validator = createHotkeyFromUri("//Validator");
  minerHotkey = createHotkeyFromUri("//Miner");
});
afterEach(async () => {
  await client.close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const start = async (answer: Answer, options: { answerHello?: Answer; ttlMs?: number } = {}) => {
  clock = createManualClock();
  client = createMinerClient({ hotkey: validator, clock });
  const server = await startHostileServer({ hotkey: minerHotkey, clock, answer, ...options });
  servers.push(server);
  return server;
};

const ask = async (server: HostileServer, isStream = true): Promise<CollectedReply> => {
  const request = chatRequest();
  const reply = await client.send(server.target, { task: chatTask, request, isStream });
  return collectReply(reply, { family: chatCompletions, request });
};

const sse: Readonly<Record<string, string>> = { "content-type": "text/event-stream" };
const json: Readonly<Record<string, string>> = { "content-type": "application/json" };
const send = (headers: Readonly<Record<string, string>>, ...parts: (string | Uint8Array)[]): Answer => {
  return (_request, response) => {
    response.writeHead(200, headers);
    for (const part of parts) response.write(part);
    response.end();
  };
};
const event = (data: string) => `data: ${data}\n\n`;
const good = event(chatChunk("a")) + event(chatChunk("b", "stop")) + event("[DONE]");

describe("a good answer, for comparison", () => {
  it("is collected from a stream cut anywhere", async () => {
    const bytes = Buffer.from(good);
    const server = await start(send(sse, ...Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1))));
    const result = await ask(server);
    expect(result).toMatchObject({
      outcome: "ok",
      workUnits: 2,
      eventCount: 2,
      answer: { kind: "text", text: "ab", finishReason: "stop" },
    });
  });

  it("is collected from one body", async () => {
    expect(await ask(await start(send(json, chatBody("ab"))), false)).toMatchObject({ outcome: "ok", firstTokenMs: null });
  });
});

describe("a complete answer whose end is not as it should be", () => {
  const answer = event(chatChunk("a")) + event(chatChunk("b", "stop"));
  const trailers = {
    "no [DONE]": "",
    "a usage event without choices": event('{"usage":{"prompt_tokens":3}}') + event("[DONE]"),
    "null counts": event('{"choices":[],"usage":{"prompt_tokens":null}}') + event("[DONE]"),
    "a ping": `event: ping\n${event("{}")}${event("[DONE]")}`,
    "something that is no JSON": event("bye") + event("[DONE]"),
  };

  for (const [name, trailer] of Object.entries(trailers)) {
    it(`regression: ${name} cost the user the answer and the miner its score`, async () => {
      expect(await ask(await start(send(sse, answer + trailer)))).toMatchObject({ outcome: "ok", answer: { text: "ab" } });
    });
  }

  it("is not waited for long where no end comes", async () => {
    const server = await start((_request, response) => void response.writeHead(200, sse).write(answer));
    const request = chatRequest();
    const reply = await client.send(server.target, { task: chatTask, request, isStream: true });
    const onParts = (parts: readonly AnswerPart[]) => {
      if (parts.some(({ kind }) => kind === "finishReason")) setImmediate(() => clock.advance(1_000));
    };
    expect(await collectReply(reply, { family: chatCompletions, request, onParts })).toMatchObject({ outcome: "ok" });
  });
});

describe("an answer that is said to be over", () => {
  it("too early: what is sent afterwards took as long as it took, and was measured as nothing", async () => {
    const server = await start((_request, response) => {
      response.writeHead(200, sse).write(event(chatChunk("a", "stop")));
      hold.go = () => {
        clock.advance(900);
        response.end(event(chatChunk("b")) + event(chatChunk("c")) + event('{"usage":{"prompt_tokens":3}}') + event("[DONE]"));
      };
    });
    const hold = { go: () => {} };
    const request = chatRequest();
    const reply = await client.send(server.target, { task: chatTask, request, isStream: true });
    const onParts = (parts: readonly AnswerPart[]) => {
      if (parts.some(({ kind }) => kind === "finishReason")) setImmediate(() => hold.go());
    };
    const result = await collectReply(reply, { family: chatCompletions, request, onParts });
    expect(result).toMatchObject({ outcome: "ok", workUnits: 3, firstTokenMs: 0, durationMs: 900 });
  });

  it("by an empty reason alone: its user is told an end as well", async () => {
    const server = await start(send(sse, event(chatChunk("a")) + event(chatChunk("", "")) + event("[DONE]")));
    const request = chatRequest();
    const reply = await client.send(server.target, { task: chatTask, request, isStream: true });
    const kinds: AnswerPart[] = [];
    const onParts = (parts: readonly AnswerPart[]) => void kinds.push(...parts);
    expect(await collectReply(reply, { family: chatCompletions, request, onParts })).toMatchObject({
      outcome: "ok",
      answer: { text: "a" },
    });
    expect(kinds.at(-1)).toEqual({ kind: "finishReason", reason: "stop" });
  });
});

describe("streams that cost only the miner", () => {
  const cases: Readonly<Record<string, { readonly answer: Answer; readonly reason: RegExp }>> = {
    "garbage for events": { answer: send(sse, event("}{not json")), reason: /not valid JSON/ },
    "binary garbage": { answer: send(sse, Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28])), reason: /UTF-8/ },
    "invalid UTF-8 inside an event": { answer: send(sse, "data: ", Buffer.from([0xc3, 0x28]), "\n\n"), reason: /UTF-8/ },
    "half a stream": { answer: send(sse, event(chatChunk("a"))), reason: /without \[DONE\]/ },
    "half an event": { answer: send(sse, event(chatChunk("a")), "data: {"), reason: /middle of an event/ },
    nothing: { answer: send(sse), reason: /without \[DONE\]/ },
    "only [DONE]": { answer: send(sse, event("[DONE]")), reason: /finish_reason/ },
    "wrong types in an event": { answer: send(sse, event('{"choices":"none"}'), event("[DONE]")), reason: /not a chat.completion.chunk/ },
    "a number for an event": { answer: send(sse, event("7"), event("[DONE]")), reason: /not a chat.completion.chunk/ },
    "an infinite logprob": {
      answer: send(sse, event('{"choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":1e999}]}}]}')),
      reason: /not a chat.completion.chunk/,
    },
    "an error as an event": { answer: send(sse, event('{"error":{"message":"no"}}'), event("[DONE]")), reason: /holds an error/ },
    "a wrong content type": { answer: send({ "content-type": "text/html" }, good), reason: /content type/ },
    "200 with an error body": { answer: send(json, '{"error":{"message":"no"}}'), reason: /content type/ },
    "no answer at all": { answer: (request) => request.socket.destroy(), reason: /connection failed/ },
    "no HTTP": { answer: (request) => request.socket.end("SSH-2.0-OpenSSH\r\n"), reason: /connection failed/ },
    "a connection cut in the middle": {
      answer: (request, response) => {
        response.writeHead(200, sse);
        response.write(event(chatChunk("a")), () => request.socket.destroy());
      },
      reason: /connection/,
    },
    "a body shorter than it says": {
      answer: (request, response) => {
        response.writeHead(200, { ...sse, "content-length": "5000" });
        response.write(event(chatChunk("a")), () => request.socket.end());
      },
      reason: /connection|without/,
    },
    "headers without end": {
      answer: (request) => request.socket.end(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}\r\n\r\n`),
      reason: /connection failed/,
    },
    "status 500": { answer: (_request, response) => response.writeHead(500).end("oops"), reason: /status 500/ },
    "status 302 to elsewhere": {
      answer: (_request, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
      reason: /status 302/,
    },
  };

  for (const [name, { answer, reason }] of Object.entries(cases)) {
    it(name, async () => {
      const result = await ask(await start(answer));
      if (result.outcome !== "failed") throw new Error(`outcome ${result.outcome}`);
      expect(result.blame).toBe("miner");
      expect(result.reason).toMatch(reason);
      // What programs read is there whatever the sentence says.
      expect(["connection", "status", "content"]).toContain(result.stage);
    });
  }

  it("endless bytes in one event", async () => {
    let written = 0;
    const server = await start((_request, response) => {
      response.writeHead(200, sse);
      response.on("error", () => undefined);
      const chunk = Buffer.alloc(64 * 1024, 97);
      const more = () => {
        while (!response.destroyed && written < 100 * 1024 * 1024) {
          written += chunk.byteLength;
          if (!response.write(chunk)) {
            response.once("drain", more);
            return;
          }
        }
      };
      response.write("data: ");
      more();
    });
    const result = await ask(server);
    expect(result).toMatchObject({ outcome: "failed", blame: "miner", reason: expect.stringContaining("larger than") });
    expect(written).toBeLessThan(protocolLimits.eventBytes * 8);
  });

  it("endless bytes after [DONE]: the answer counts, the connection does not live on", async () => {
    let isCut: () => void = () => {};
    const cut = new Promise<void>((resolve) => {
      isCut = resolve;
    });
    const server = await start((_request, response) => {
      response.writeHead(200, sse);
      response.write(good);
      response.on("error", () => undefined);
      response.on("close", () => isCut());
      const more = () => {
        if (!response.destroyed) response.write("x".repeat(4096), () => setImmediate(more));
      };
      more();
    });
    expect(await ask(server)).toMatchObject({ outcome: "ok" });
    await cut;
  });

  it("never ending its response after [DONE]: the connection is freed after a second", async () => {
    let isCut: () => void = () => {};
    const cut = new Promise<void>((resolve) => {
      isCut = resolve;
    });
    const server = await start((_request, response) => {
      response.writeHead(200, sse);
      response.on("close", () => isCut());
      response.write(good);
    });
    expect(await ask(server)).toMatchObject({ outcome: "ok" });
    clock.advance(1_000);
    await cut;
    expect(clock.timerCount).toBe(0);
  });

  it("never answering", async () => {
    let hasArrived: () => void = () => {};
    const arrived = new Promise<void>((resolve) => {
      hasArrived = resolve;
    });
    const server = await start(() => hasArrived());
    const asking = ask(server);
    await arrived;
    clock.advance(chatTask.timeoutMs);
    expect(await asking).toMatchObject({ outcome: "failed", blame: "miner", reason: expect.stringContaining("within 15000 ms") });
  });

  it("falling silent in the middle", async () => {
    const server = await start((_request, response) => {
      response.writeHead(200, sse);
      response.write(event(chatChunk("a")));
    });
    const request = chatRequest();
    const reply = await client.send(server.target, { task: chatTask, request, isStream: true });
    // Once the reader waits for more.
    const onParts = () => void setImmediate(() => clock.advance(11_000));
    const result = await collectReply(reply, { family: chatCompletions, request, onParts });
    expect(result).toMatchObject({
      outcome: "failed",
      blame: "miner",
      eventCount: 1,
      reason: expect.stringContaining("no further content within 10000 ms"),
    });
  });

  it("an address where nobody listens", async () => {
    const server = await start(send(sse));
    await server.close();
    expect(await ask(server)).toMatchObject({ outcome: "failed", blame: "miner", reason: expect.stringContaining("ECONNREFUSED") });
  });

  it("does not disturb another request that runs at the same time", async () => {
    const server = await start((request, response) => {
      if (server.requestCount === 1) request.socket.destroy();
      else send(sse, good)(request, response, Buffer.alloc(0));
    });
    const [first, second] = await Promise.all([ask(server), ask(server)]);
    expect([first.outcome, second.outcome].sort()).toEqual(["failed", "ok"]);
  });
});

describe("bodies that cost only the miner", () => {
  const cases: Readonly<Record<string, { readonly answer: Answer; readonly reason: RegExp }>> = {
    "no JSON": { answer: send(json, "<html>"), reason: /not valid JSON/ },
    "invalid UTF-8": { answer: send(json, Buffer.from([0x22, 0xff, 0x22])), reason: /UTF-8/ },
    nothing: { answer: send(json), reason: /not valid JSON/ },
    "200 with an error body": { answer: send(json, '{"error":{"message":"out of memory"}}'), reason: /out of memory/ },
    "wrong types": { answer: send(json, '{"choices":[{"message":7}]}'), reason: /not a chat.completion/ },
    "no choices": { answer: send(json, '{"choices":[]}'), reason: /not a chat.completion/ },
    null: { answer: send(json, "null"), reason: /not a chat.completion/ },
    "a stream": { answer: send(sse, good), reason: /content type/ },
    "a wrong content type": { answer: send({}, chatBody("a")), reason: /content type/ },
  };
  for (const [name, { answer, reason }] of Object.entries(cases)) {
    it(name, async () => {
      const result = await ask(await start(answer), false);
      if (result.outcome !== "failed") throw new Error(`outcome ${result.outcome}`);
      expect(result.blame).toBe("miner");
      expect(result.reason).toMatch(reason);
      // What programs read is there whatever the sentence says.
      expect(["connection", "status", "content"]).toContain(result.stage);
    });
  }

  it("gigabytes", async () => {
    const server = await start((_request, response) => {
      response.writeHead(200, json);
      response.on("error", () => undefined);
      const more = () => {
        if (!response.destroyed) response.write(Buffer.alloc(256 * 1024, 32), () => setImmediate(more));
      };
      more();
    });
    expect(await ask(server, false)).toMatchObject({ outcome: "failed", blame: "miner", reason: expect.stringContaining("larger than") });
  });
});

describe("one reply that held everybody up", () => {
  const imageTask = createRegistry().get("image-tiny");
  const keys = (count: number) => Array.from({ length: count }, (_, index) => `"k${index}":0`).join(",");

  it.each([
    ["1.4 million keys, which held the loop for 4 s", 1_400_000, "the body is larger than"],
    ["as many as its bytes have room for", 5_000, "the body holds too many values"],
  ])("%s: it is refused unparsed, and another miner's answer is read meanwhile", async (_name, count, reason) => {
    if (imageTask === undefined) throw new Error("no image-tiny");
    const server = await start((_request, response) => {
      response.writeHead(200, json).end(`{"data":[{"b64_json":"aGk="}],${keys(count)}}`);
    });
    const honest = await startHostileServer({ hotkey: minerHotkey, clock, answer: send(sse, good) });
    servers.push(honest);
    const request = { model: "image-tiny", prompt: "x", size: "32x32", n: 1 };
    const parse = jest.spyOn(JSON, "parse");
    const [reply, other] = await Promise.all([client.send(server.target, { task: imageTask, request, isStream: false }), ask(honest)]);
    const longest = Math.max(...parse.mock.calls.map(([text]) => String(text).length));
    parse.mockRestore();
    expect(reply).toMatchObject({ kind: "failed", blame: "miner", reason: expect.stringContaining(reason) });
    expect(other).toMatchObject({ outcome: "ok" });
    expect(longest).toBeLessThan(4_096);
  });
});

describe("rate limits and refusals", () => {
  it("reads 429 with and without a usable Retry-After", async () => {
    for (const [header, retryAfterMs] of [
      ["7", 7_000],
      ["soon", null],
      ["-1", null],
      [undefined, null],
    ] as const) {
      const server = await start((_request, response) => {
        response.writeHead(429, header === undefined ? {} : { "retry-after": header }).end("{}");
      });
      expect(await ask(server)).toMatchObject({ outcome: "rateLimited", retryAfterMs });
      await client.close();
    }
  });

  it("regression: a refusal of which only the head came held a request to its time-out and was a mild 429", async () => {
    for (const status of [429, 503]) {
      const server = await start((_request, response) => {
        response.writeHead(status, { "content-length": "100" }).flushHeaders();
      });
      const asked = ask(server);
      // The whole answer's, the first event's, and the refusal's own.
      while (clock.timerCount < 3) await new Promise((resolve) => setImmediate(resolve));
      clock.advance(2_000);
      expect(await asked).toMatchObject({ outcome: "failed", blame: "miner", status });
      await client.close();
    }
  });

  it("opens one new session when the miner forgot the old one, and gives up when it forgets again", async () => {
    const server = await start((_request, response) => response.writeHead(401).end("{}"));
    expect(await ask(server)).toMatchObject({ outcome: "failed", blame: "miner", status: 401 });
    expect([server.helloCount, server.requestCount]).toEqual([2, 2]);
  });

  it("blames nobody when the caller gives up", async () => {
    const controller = new AbortController();
    const server = await start(() => controller.abort());
    const reply = await client.send(server.target, { task: chatTask, request: chatRequest(), isStream: true, signal: controller.signal });
    expect(reply).toMatchObject({ kind: "failed", blame: "nobody" });
    const early = await client.send(server.target, {
      task: chatTask,
      request: chatRequest(),
      isStream: true,
      signal: AbortSignal.abort(),
    });
    expect(early).toMatchObject({ kind: "failed", blame: "nobody" });
  });

  it("blames nobody when the user's connection breaks while forwarding", async () => {
    const server = await start(send(sse, good));
    const request = chatRequest();
    const reply = await client.send(server.target, { task: chatTask, request, isStream: true });
    const onParts = () => {
      throw new Error("user left");
    };
    expect(await collectReply(reply, { family: chatCompletions, request, onParts })).toMatchObject({ outcome: "failed", blame: "nobody" });
  });

  it("blames the validator for a request that cannot be written", async () => {
    const server = await start(send(sse, good));
    const deep: unknown = JSON.parse("[".repeat(100) + "]".repeat(100));
    for (const fields of [{ seed: 1n }, { metadata: deep }]) {
      const request = { ...chatRequest(), ...fields };
      const reply = await client.send(server.target, { task: chatTask, request, isStream: true });
      expect({ fields: Object.keys(fields), reply }).toMatchObject({ reply: { kind: "failed", blame: "validator" } });
    }
    expect(server.requestCount).toBe(0);
  });
});

describe("a validator that cannot sign", () => {
  it("blames itself", async () => {
    const server = await start(send(sse, good));
    const hotkey: Hotkey = {
      ...validator,
      sign: () => {
        throw new Error("the signer is locked");
      },
    };
    const broken = createMinerClient({ hotkey, clock });
    const reply = await broken.send(server.target, { task: chatTask, request: chatRequest(), isStream: true });
    expect(reply).toMatchObject({ kind: "failed", blame: "validator", reason: expect.stringContaining("locked") });
    expect(await broken.openSession(server.target)).toMatchObject({ ok: false, blame: "validator" });
    expect(server.helloCount).toBe(0);
    await broken.close();
  });
});

describe("hellos and capacities that cost only the miner", () => {
  const ask = (server: HostileServer) =>
    client.getCapacities(server.target, { protocolVersion: PROTOCOL_VERSION, periodMs: 1000, tasks: [chatTask] });

  it("a hello that is garbage, too large, unsigned or refused", async () => {
    const answers: Answer[] = [
      send(json, "garbage"),
      send(json, "{}"),
      send(json, `"${"x".repeat(100_000)}"`),
      (_request, response) => response.writeHead(403).end('{"error":{"message":"no stake"}}'),
      (request) => request.socket.destroy(),
    ];
    for (const answerHello of answers) {
      const server = await start(send(json, "{}"), { answerHello });
      expect(await client.openSession(server.target)).toMatchObject({ ok: false, blame: "miner" });
      await client.close();
    }
  });

  it("a session that ends at once", async () => {
    const server = await start(send(json, "{}"), { ttlMs: 5_000 });
    expect(await client.openSession(server.target)).toMatchObject({ ok: false, blame: "miner" });
  });

  it("somebody else answering in the miner's place", async () => {
    const server = await start(send(json, "{}"));
    const target = { ...server.target, hotkey: createHotkeyFromUri("//Other").address };
    expect(await client.openSession(target)).toMatchObject({ ok: false, blame: "miner" });
  });

  it("capacities of every wrong kind", async () => {
    const text = '{"protocolVersion":"3.0","capacities":{"chat-tiny":VALUE,"other":5}}';
    for (const value of ["null", '"many"', "-5", "1e999", "[]", "{}", "true"]) {
      const server = await start(send(json, text.replace("VALUE", value)));
      const result = await ask(server);
      if (!result.ok) throw new Error(result.reason);
      expect({ value, capacity: result.capacities.get("chat-tiny")?.capacityPerHour }).toEqual({ value, capacity: 0 });
      await client.close();
    }
  });

  it("a hello or a capacity answer of tens of thousands of fields held everybody's loop for a tenth of a second: it is not parsed", async () => {
    const fields = Array.from({ length: 25_000 }, (_, index) => `"${index.toString(36)}":0`).join();
    const server = await start(send(json, `{"protocolVersion":"3.0","capacities":{${fields}}}`));
    expect(await ask(server)).toMatchObject({ ok: false, blame: "miner", reason: "the body holds too many values" });
    await client.close();
    const greeting = await start(send(json, "{}"), { answerHello: send(json, `[${"0,".repeat(4_000)}0]`) });
    expect(await client.openSession(greeting.target)).toMatchObject({ ok: false, reason: expect.stringContaining("too many values") });
  });

  it("a capacity answer that is none, too large or of another version", async () => {
    for (const body of ["garbage", "[]", '{"capacities":{}}', '{"protocolVersion":"2.0","capacities":{}}', `"${"x".repeat(300_000)}"`]) {
      const server = await start(send(json, body));
      expect(await ask(server)).toMatchObject({ ok: false, blame: "miner" });
      await client.close();
    }
  });
});
