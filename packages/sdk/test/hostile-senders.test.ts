import { getEventListeners, getMaxListeners, once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createHotkeyFromUri, DEFAULT_MAX_FUTURE_MS, type Hotkey, ready, signRequest } from "@vision/signing";
import { createMinerClient, type MinerClient } from "../src/client/index.js";
import { createMiner, type InferenceBackend, silentLogger } from "../src/index.js";
import { type MinerServer, type ServeOptions, serve } from "../src/node/index.js";
import { createManualClock, type ManualClock } from "../src/runtime/manual-clock.js";
import { chatRequest, chatTask, createTestMiner, directory } from "./support/peers.js";
import { chatBody, createGatedBackend, createWordBackend } from "./support/scripted-backend.js";

const path = "/v1/chat/completions";
let minerHotkey: Hotkey;
let validator: Hotkey;
const servers: MinerServer[] = [];
const sockets: Socket[] = [];
const clients: MinerClient[] = [];
beforeAll(async () => {
  await ready();
  minerHotkey = createHotkeyFromUri("//Miner");
  validator = createHotkeyFromUri("//Validator");
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Start = { readonly backend?: InferenceBackend; readonly serveOptions?: Partial<ServeOptions>; readonly clock?: ManualClock };

const start = async ({ backend = createWordBackend(["a"]), serveOptions = {}, clock = createManualClock() }: Start = {}) => {
  const validators = directory({ [validator.address]: 1n });
  const tasks = { "chat-tiny": { capacityPerHour: 36_000_000, concurrency: 64 } };
  const miner = createMiner({ hotkey: minerHotkey, tasks, backend, validators, clock, logger: silentLogger });
  clock.advance(DEFAULT_MAX_FUTURE_MS);
  const server = await serve(miner, { port: 0, host: "127.0.0.1", drainMs: 0, clock, ...serveOptions });
  servers.push(server);
  return { server, clock, miner };
};

const open = async (port: number): Promise<Socket> => {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  sockets.push(socket);
  await once(socket, "connect");
  return socket;
};

const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));

/** All that comes back until the other end closes. */
const readToEnd = async (socket: Socket): Promise<string> => {
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("utf8");
  });
  await closed(socket);
  return text;
};

let uuid = 0;
type Forged = { readonly hotkey?: Hotkey; readonly timestampMs: number; readonly contentLength: number; readonly fields?: object };

/** The head of a request as anybody can write it who knows a validator's name; `hotkey` makes the signature right. */
const headOf = ({ hotkey, timestampMs, contentLength, fields = {} }: Forged, body: Uint8Array = new Uint8Array(0)): string => {
  uuid += 1;
  const signer = hotkey ?? validator;
  const signed = signRequest({ hotkey: signer, body, signedFor: minerHotkey.address, uuid: `u${uuid}`, timestampMs });
  const headers = { ...signed, ...fields, host: "x", "content-type": "application/json", "content-length": String(contentLength) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
};

const turns = async (isThere: () => boolean) => {
  while (!isThere()) await new Promise((resolve) => setImmediate(resolve));
};

describe("a stranger who names a permitted validator", () => {
  it("is refused by the head alone where time, version or form are wrong, before a byte of the body is read", async () => {
    const { server, clock } = await start();
    const nowMs = clock.nowMs();
    const heads = [
      headOf({ timestampMs: nowMs - 8_001, contentLength: 4_000_000 }),
      headOf({ timestampMs: nowMs + 4_001, contentLength: 4_000_000 }),
      headOf({ timestampMs: nowMs, contentLength: 4_000_000, fields: { "epistula-version": "1" } }),
      headOf({ timestampMs: nowMs, contentLength: 4_000_000, fields: { "epistula-request-signature": "0x00" } }),
      headOf({ hotkey: createHotkeyFromUri("//Stranger"), timestampMs: nowMs, contentLength: 4_000_000 }),
    ];
    for (const [index, head] of heads.entries()) {
      const socket = await open(server.port);
      socket.write(head);
      const text = readToEnd(socket);
      await once(socket, "end");
      expect({ index, status: (await text).slice(9, 12) }).toEqual({ index, status: index === 4 ? "403" : "401" });
    }
  });

  it("is cut off when it goes on sending after it was refused", async () => {
    const { server, clock } = await start();
    const socket = await open(server.port);
    socket.write(headOf({ timestampMs: clock.nowMs() - 60_000, contentLength: 4_000_000 }));
    socket.on("data", () => socket.write("x".repeat(100_000)));
    await closed(socket);
    expect(clock.timerCount).toBe(0);
  });

  it("gets no more memory for bodies than one address may have, and a validator's small request is answered all the same", async () => {
    const { server, clock } = await start({ serveOptions: { maxStrangerBodyBytes: 4_000_000 } });
    const hoard = await open(server.port);
    hoard.write(headOf({ timestampMs: clock.nowMs(), contentLength: 4_000_000 }));
    hoard.write(Buffer.alloc(900_000));
    const greedy = await open(server.port);
    greedy.write(headOf({ timestampMs: clock.nowMs(), contentLength: 4_000_000 }));
    greedy.write(Buffer.alloc(900_000));
    // Whichever of the two is the one too many.
    const [refusal] = await Promise.race([once(hoard, "data"), once(greedy, "data")]);
    expect(String(refusal)).toMatch(/^HTTP\/1\.1 429 [\s\S]*retry-after/i);

    const body = Buffer.from(JSON.stringify(chatRequest({ stream: false })));
    const honest = await open(server.port);
    honest.write(headOf({ hotkey: validator, timestampMs: clock.nowMs(), contentLength: body.length }, body));
    honest.write(body);
    expect(String((await once(honest, "data"))[0])).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("cannot hold a body half sent: it has a third of the time", async () => {
    const { server, clock } = await start({ serveOptions: { requestTimeoutMs: 30_000 } });
    const socket = await open(server.port);
    socket.write(`${headOf({ timestampMs: clock.nowMs(), contentLength: 1_000 })}half`);
    await turns(() => clock.timerCount > 0);
    const answer = once(socket, "data");
    clock.advance(10_000);
    expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("connections", () => {
  it("cannot all be taken from one address", async () => {
    const { server } = await start({ serveOptions: { maxConnectionsPerStranger: 4 } });
    const crowd = await Promise.all(Array.from({ length: 20 }, () => open(server.port)));
    await turns(() => crowd.filter((socket) => socket.closed).length === 16);
  });

  it("are not bounded that low for an address that a validator has proven itself from", async () => {
    const { server, clock } = await start({ serveOptions: { maxConnectionsPerStranger: 1 } });
    const body = Buffer.from(JSON.stringify(chatRequest({ stream: false })));
    const answered: Socket[] = [];
    for (let count = 0; count < 4; count += 1) {
      const socket = await open(server.port);
      socket.write(headOf({ hotkey: validator, timestampMs: clock.nowMs(), contentLength: body.length }, body));
      socket.write(body);
      expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 200 /);
      answered.push(socket);
    }
    expect(answered.some((socket) => socket.closed)).toBe(false);
  });

  it("of strangers are cut for whoever comes, encrypted ones too", async () => {
    const { server } = await start({ serveOptions: { maxConnections: 2 } });
    const strangers: TLSSocket[] = [];
    for (let count = 0; count < 2; count += 1) {
      const socket = connectTls({ port: server.port, host: "127.0.0.1", rejectUnauthorized: false });
      socket.on("error", () => undefined);
      sockets.push(socket);
      await once(socket, "secureConnect");
      strangers.push(socket);
    }
    const cut = closed(strangers[0] as Socket);
    const comer = await open(server.port);
    comer.write("GET /v1/status HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(String((await once(comer, "data"))[0])).toMatch(/^HTTP\/1\.1 200 /);
    await cut;
    expect(strangers[1]?.closed).toBe(false);
  });

  it("are cut when nobody reads the answer, whether it is one body or a stream", async () => {
    const long = "x".repeat(8_000_000);
    for (const stream of [false, true]) {
      const clock = createManualClock();
      let onStart = () => {};
      const started = new Promise<void>((resolve) => {
        onStart = resolve;
      });
      const backend: InferenceBackend = {
        specificationVersion: 1,
        name: "long",
        async *run({ isStream }) {
          onStart();
          if (!isStream) yield { kind: "body", body: chatBody(long) };
          else
            for (let count = 0; count < 40; count += 1) yield { kind: "event", data: JSON.stringify({ filler: long.slice(0, 200_000) }) };
        },
      };
      const { server } = await start({ backend, clock, serveOptions: { writeTimeoutMs: 5_000 } });
      const body = Buffer.from(JSON.stringify(chatRequest({ stream })));
      const socket = await open(server.port);
      socket.pause();
      socket.write(headOf({ hotkey: validator, timestampMs: clock.nowMs(), contentLength: body.length }, body));
      socket.write(body);
      await started;
      // As time passes, whatever waits for the client gives up; then no timer is left.
      do {
        for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        clock.advance(5_000);
      } while (clock.timerCount > 0);
      socket.resume();
      await closed(socket);
      await turns(() => clock.timerCount === 0);
    }
  });
});

describe("a request that an earlier process has served", () => {
  it("is not served again after a restart, although it was stamped ahead", async () => {
    const earlier = createTestMiner({ tasks: { "chat-tiny": { capacityPerHour: 3_600_000 } }, backend: createWordBackend(["a"]) });
    const { clock } = earlier;
    const body = Buffer.from(JSON.stringify(chatRequest({ stream: false })));
    const timestampMs = clock.nowMs() + 3_500;
    const headers = signRequest({ hotkey: validator, body, signedFor: earlier.hotkey.address, uuid: "ahead", timestampMs });
    const request = { method: "POST", path, headers, body, signal: new AbortController().signal };
    expect((await earlier.miner.handle(request)).status).toBe(200);
    const tasks = { "chat-tiny": { capacityPerHour: 3_600_000 } };
    const restarted = createMiner({ hotkey: earlier.hotkey, tasks, backend: createWordBackend(["a"]), clock, logger: silentLogger });
    for (let step = 0; step < 12; step += 1) {
      expect({ step, head: restarted.checkHead(request).kind }).toEqual({ step, head: "refuse" });
      expect({ step, status: (await restarted.handle(request)).status }).toEqual({ step, status: 401 });
      clock.advance(1_000);
    }
  });
});

/** Above so many listeners Node.js warns. */
function listenerBound(signal: AbortSignal): number {
  try {
    return getMaxListeners(signal);
  } catch {
    return Number.POSITIVE_INFINITY; // Node.js 20 takes a signal without a bound for no event target
  }
}

describe("many requests at once", () => {
  it("print no warning about listeners on the signal that ends them all", async () => {
    const gate = createGatedBackend();
    const clock = createManualClock(Date.now() - DEFAULT_MAX_FUTURE_MS);
    const { server } = await start({ backend: gate.backend, clock });
    const client = createMinerClient({ hotkey: validator });
    clients.push(client);
    const target = { hotkey: minerHotkey.address, host: "127.0.0.1", port: server.port };
    const { signal } = new AbortController();
    const request = chatRequest();
    const wouldWarn = () => getEventListeners(signal, "abort").length > listenerBound(signal);
    const sending = Array.from({ length: 12 }, () => client.send(target, { task: chatTask, request, isStream: true, signal }));
    expect([getEventListeners(signal, "abort").length, wouldWarn()]).toEqual([12, false]);
    for (let count = 0; count < 12; count += 1) (await gate.nextCall()).end();
    expect(wouldWarn()).toBe(false);
    await Promise.all(sending);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
