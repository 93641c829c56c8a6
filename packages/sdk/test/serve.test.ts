import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { type AnswerPart, chatCompletions, imageEdits, PROTOCOL_VERSION, startImageUrl, VisionError } from "@vision/protocol";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import { encodePng } from "@vision/tiny";
import { tiny } from "../src/backends/index.js";
import { collectReply, createMinerClient, type MinerClient, type MinerTarget } from "../src/client/index.js";
import { createMiner, type InferenceBackend, type MinerEvent, type MinerOptions, silentLogger } from "../src/index.js";
import { type MinerServer, type ServeOptions, serve } from "../src/node/index.js";
import { createManualClock } from "../src/runtime/manual-clock.js";
import { chatRequest, chatTask, taskOf } from "./support/peers.js";
import { busy, chatChunk, createGatedBackend, createThrowingBackend, createWordBackend } from "./support/scripted-backend.js";

let minerHotkey: Hotkey;
let validatorHotkey: Hotkey;
const servers: MinerServer[] = [];
const clients: MinerClient[] = [];
beforeAll(async () => {
  await ready();
  minerHotkey = createHotkeyFromUri("//Miner");
  validatorHotkey = createHotkeyFromUri("//Validator");
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const start = async (backend: InferenceBackend, options: Partial<MinerOptions> = {}, serveOptions: Partial<ServeOptions> = {}) => {
  const tasks = { "chat-tiny": { capacityPerHour: 3_600_000, concurrency: 2 } };
  const miner = createMiner({ hotkey: minerHotkey, tasks, backend, logger: silentLogger, ...options });
  const server = await serve(miner, { port: 0, host: "127.0.0.1", drainMs: 1_000, ...serveOptions });
  servers.push(server);
  const client = createMinerClient({ hotkey: validatorHotkey });
  clients.push(client);
  const target: MinerTarget = { hotkey: minerHotkey.address, host: "127.0.0.1", port: server.port };
  return { miner, server, client, target };
};

const ask = async (client: MinerClient, target: MinerTarget, onParts?: (parts: readonly AnswerPart[]) => void) => {
  const request = chatRequest();
  const reply = await client.send(target, { task: chatTask, request, isStream: true });
  return collectReply(reply, { family: chatCompletions, request, ...(onParts === undefined ? {} : { onParts }) });
};

/** Sends raw bytes and returns all that comes back until the other end closes. */
const exchange = (port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let received = "";
    const socket: Socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk) => {
      received += chunk.toString("utf8");
    });
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });

describe("a miner on a port and the signed client", () => {
  it("agree on a session, capacities and a streamed answer", async () => {
    const { client, target } = await start(createWordBackend(["Hello", " world"]));
    const capacities = await client.getCapacities(target, { protocolVersion: PROTOCOL_VERSION, periodMs: 1000, tasks: [chatTask] });
    expect(capacities.ok && capacities.capacities.get("chat-tiny")).toEqual({
      capacityPerHour: 3_600_000,
      sampler: "gumbel-murmur3",
      problem: null,
    });
    const forwarded: AnswerPart[] = [];
    const result = await ask(client, target, (parts) => forwarded.push(...parts));
    expect(result).toMatchObject({ outcome: "ok", workUnits: 2, answer: { text: "Hello world" } });
    expect(forwarded.flatMap((part) => (part.kind === "text" ? [part.text] : []))).toEqual(["Hello", " world", ""]);
    if (result.outcome !== "ok" || result.firstTokenMs === null) throw new Error("no first token");
    expect(result.firstTokenMs).toBeLessThanOrEqual(result.durationMs);
  });

  it("make an image from a large picture over the wire, counted by the steps that are done", async () => {
    const tasks = { "image-edit-tiny": { capacityPerHour: 3_600_000 } };
    const { client, target } = await start(tiny(), { tasks });
    const task = taskOf("image-edit-tiny");
    const pixels = Uint8Array.from({ length: 900 * 900 * 3 }, (_, index) => (index * 7919) % 251);
    const image = startImageUrl(Buffer.from(encodePng({ width: 900, height: 900, pixels })).toString("base64"));
    const fields = { ...imageEdits.smallRequest(task.id), image, steps: 4, strength: 0.5 };
    const request = imageEdits.normalise(fields, { task, fallbackSeed: 1 });
    const reply = await client.send(target, { task, request, isStream: false });
    const result = await collectReply(reply, { family: imageEdits, request });
    expect(result).toMatchObject({ outcome: "ok", workUnits: 2, answer: { kind: "images", imagesBase64: [expect.any(String)] } });
  });

  it("share one hello among many requests at once", async () => {
    let helloCount = 0;
    const random = (length: number) => {
      if (length === 16) helloCount += 1;
      return crypto.getRandomValues(new Uint8Array(length));
    };
    const { client, target } = await start(createWordBackend(["a"]), { random });
    const results = await Promise.all([1, 2, 3, 4].map(() => client.openSession(target)));
    expect(new Set(results.map((result) => (result.ok ? result.sessionId : "failed"))).size).toBe(1);
    expect((await ask(client, target)).outcome).toBe("ok");
    expect(helloCount).toBe(1);
  });

  it("renew the session without a failed request when it nears its end", async () => {
    const clock = createManualClock();
    const tasks = { "chat-tiny": { capacityPerHour: 3_600_000 } };
    const backend = createWordBackend(["a"]);
    const miner = createMiner({ hotkey: minerHotkey, tasks, backend, logger: silentLogger, clock, sessionTtlMs: 120_000 });
    const server = await serve(miner, { port: 0, host: "127.0.0.1" });
    servers.push(server);
    const client = createMinerClient({ hotkey: validatorHotkey, clock });
    clients.push(client);
    const target = { hotkey: minerHotkey.address, host: "127.0.0.1", port: server.port };
    const sessionIds = new Set<string>();
    for (let minute = 0; minute < 6; minute += 1) {
      const opened = await client.openSession(target);
      if (opened.ok) sessionIds.add(opened.sessionId);
      expect({ minute, outcome: (await ask(client, target)).outcome }).toEqual({ minute, outcome: "ok" });
      clock.advance(60_000);
    }
    expect(sessionIds.size).toBeGreaterThan(1);
  });

  it("recover when the miner was restarted and forgot its sessions", async () => {
    const { client, target, server } = await start(createWordBackend(["a"]));
    expect((await ask(client, target)).outcome).toBe("ok");
    await server.close();
    const again = await start(createWordBackend(["b"]), {}, { port: server.port });
    expect(await ask(client, again.target)).toMatchObject({ outcome: "ok", answer: { text: "b" } });
  });

  it("tell rate limits with the time to wait", async () => {
    const { client, target } = await start(createThrowingBackend(busy));
    expect(await ask(client, target)).toMatchObject({ outcome: "rateLimited", retryAfterMs: 3_000 });
  });

  it("free the slot at the miner when the validator cancels", async () => {
    const gate = createGatedBackend();
    let hasEnded: (event: MinerEvent) => void = () => {};
    const ended = new Promise<MinerEvent>((resolve) => {
      hasEnded = resolve;
    });
    const { client, target, miner } = await start(gate.backend, { observe: hasEnded });
    const sending = client.send(target, { task: chatTask, request: chatRequest(), isStream: true });
    (await gate.nextCall()).emit({ kind: "event", data: chatChunk("a") });
    const reply = await sending;
    if (reply.kind !== "stream") throw new Error(reply.kind);
    reply.cancel();
    expect((await ended).outcome).toBe("cancelled");
    expect(miner.getInFlight()).toEqual({ "chat-tiny": 0 });
    expect(reply.getEnd()).toMatchObject({ ok: false, blame: "nobody" });
  });

  it("do not buffer: a reader that stops holds the backend back", async () => {
    let made = 0;
    const filler = chatChunk("x".repeat(20_000));
    const backend: InferenceBackend = {
      specificationVersion: 1,
      name: "endless",
      async *run({ signal }) {
        while (!signal.aborted && made < 100_000) {
          made += 1;
          yield { kind: "event", data: filler };
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    };
    let hasEnded: (event: MinerEvent) => void = () => {};
    const ended = new Promise<MinerEvent>((resolve) => {
      hasEnded = resolve;
    });
    const { client, target } = await start(backend, { observe: hasEnded });
    const reply = await client.send(target, { task: chatTask, request: chatRequest({ max_tokens: 4_000 }), isStream: true });
    if (reply.kind !== "stream") throw new Error(reply.kind);
    // Nobody reads: the count must come to rest once queues and socket buffers are full.
    let before = -1;
    while (before !== made) {
      before = made;
      for (let turn = 0; turn < 2_000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
    const restedAt = made;
    expect(restedAt).toBeLessThan(2_000);
    let readCount = 0;
    for await (const _event of reply.events) {
      readCount += 1;
      if (readCount === restedAt + 50) break;
    }
    expect(readCount).toBe(restedAt + 50);
    expect((await ended).outcome).toBe("cancelled");
  });
});

describe("serve", () => {
  it("says so when the port is taken", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => {
      blocker.listen(0, "127.0.0.1", resolve);
    });
    const { port } = blocker.address() as AddressInfo;
    const tasks = { "chat-tiny": { capacityPerHour: 1 } };
    const miner = createMiner({ hotkey: minerHotkey, tasks, backend: createWordBackend([]), logger: silentLogger });
    const error = await serve(miner, { port, host: "127.0.0.1" }).catch((reason: unknown) => reason);
    expect(VisionError.isInstance(error, "SDK_PORT_IN_USE")).toBe(true);
    expect(String(error)).toContain(String(port));
    await new Promise((resolve) => blocker.close(resolve));
  });

  it("regression: an address of another machine was told in the system's words and a stack; it says what to do", async () => {
    const tasks = { "chat-tiny": { capacityPerHour: 1 } };
    const miner = createMiner({ hotkey: minerHotkey, tasks, backend: createWordBackend([]), logger: silentLogger });
    await expect(serve(miner, { port: 0, host: "192.0.2.1" })).rejects.toMatchObject({
      code: "SDK_CANNOT_LISTEN",
      message: expect.stringMatching(/^The miner cannot listen on 192\.0\.2\.1:0: the address is not this machine's\. Listen on/),
      facts: { host: "192.0.2.1", port: 0, code: "EADDRNOTAVAIL" },
    });
    await miner.close();
  });

  it("refuses strangers before reading their body, and ends the connection", async () => {
    const { server } = await start(createWordBackend([]));
    const head = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 4000000\r\n\r\n";
    expect(await exchange(server.port, head)).toMatch(/^HTTP\/1\.1 401 [\s\S]*connection: close[\s\S]*unauthenticated/i);
  });

  it("stops reading a chunked body at its bound", async () => {
    const { server } = await start(createWordBackend([]));
    const head = "GET /v1/status HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n";
    expect(await exchange(server.port, head)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("survives what is no HTTP", async () => {
    const { server, client, target } = await start(createWordBackend(["a"]));
    await exchange(server.port, "\x16\x03\x01garbage\r\n\r\n");
    expect((await ask(client, target)).outcome).toBe("ok");
  });

  it("finishes answers under way when it closes", async () => {
    const gate = createGatedBackend();
    const { client, target, server } = await start(gate.backend, {}, { drainMs: 60_000 });
    const asking = ask(client, target);
    const call = await gate.nextCall();
    call.emit({ kind: "event", data: chatChunk("a") });
    const closing = server.close();
    call.emit({ kind: "event", data: chatChunk("b", "stop") });
    call.end();
    expect(await asking).toMatchObject({ outcome: "ok", answer: { text: "ab" } });
    await closing;
  });

  it("cuts off what does not finish in time when it closes", async () => {
    const gate = createGatedBackend();
    const { client, target, server } = await start(gate.backend, {}, { drainMs: 20 });
    const asking = ask(client, target);
    const call = await gate.nextCall();
    await server.close();
    expect(await asking).toMatchObject({ outcome: "failed" });
    expect(call.isAborted).toBe(true);
  });
});
