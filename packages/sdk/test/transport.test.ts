import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpsServer, request as httpsRequest } from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import { createMinerClient, type MinerClient, type MinerTarget } from "../src/client/index.js";
import { createMiner, silentLogger } from "../src/index.js";
import { type MinerServer, serve } from "../src/node/index.js";
import { createTransportCertificate } from "../src/node/transport-certificate.js";
import { chatRequest, chatTask } from "./support/peers.js";
import { createWordBackend } from "./support/scripted-backend.js";

const SECRET = "a-prompt-that-nobody-on-the-way-may-read";
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

const startMiner = async (): Promise<MinerServer> => {
  const tasks = { "chat-tiny": { capacityPerHour: 3_600_000 } };
  const server = await serve(createMiner({ hotkey: miner, tasks, backend: createWordBackend(["answer"]), logger: silentLogger }), {
    port: 0,
    host: "127.0.0.1",
    drainMs: 0,
  });
  closers.push(server.close);
  return server;
};

const newClient = (): MinerClient => {
  const client = createMinerClient({ hotkey: validator });
  closers.push(client.close);
  return client;
};

const listen = async (server: Server): Promise<number> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const targetAt = (port: number): MinerTarget => ({ hotkey: miner.address, host: "127.0.0.1", port });
const send = (client: MinerClient, port: number) =>
  client.send(targetAt(port), {
    task: chatTask,
    request: chatRequest({ messages: [{ role: "user", content: SECRET }] }),
    isStream: true,
  });
const readText = async (reply: Awaited<ReturnType<typeof send>>) => {
  if (reply.kind !== "stream") return reply.kind;
  let text = "";
  for await (const { data } of reply.events) text += data;
  return text;
};

/** Passes bytes on both ways and keeps them; `change` may alter what the miner sends. */
const startRelay = async (minerPort: number, change: (bytes: Buffer, index: number) => Buffer = (bytes) => bytes) => {
  const seen: Buffer[] = [];
  const port = await listen(
    createServer((near) => {
      const far = connect(minerPort, "127.0.0.1");
      let index = 0;
      near.on("data", (bytes: Buffer) => {
        seen.push(bytes);
        far.write(bytes);
      });
      far.on("data", (bytes: Buffer) => {
        seen.push(bytes);
        near.write(change(bytes, index));
        index += 1;
      });
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
    }),
  );
  return { port, seen: () => Buffer.concat(seen).toString("latin1") };
};

describe("between validator and miner", () => {
  it("a relay that read the prompt and the answer sees neither", async () => {
    const server = await startMiner();
    const relay = await startRelay(server.port);
    expect(await readText(await send(newClient(), relay.port))).toContain("answer");
    expect(relay.seen().length).toBeGreaterThan(1000);
    expect(relay.seen()).not.toContain(SECRET);
    expect(relay.seen()).not.toContain("answer");
    expect(relay.seen()).not.toContain("vision-session");
  });

  it("a relay that rewrote the answer ends it instead", async () => {
    const server = await startMiner();
    let isHostile = false;
    const relay = await startRelay(server.port, (bytes) => {
      if (!isHostile) return bytes;
      const changed = Buffer.from(bytes);
      const last = changed.length - 1;
      changed[last] = (changed[last] ?? 0) ^ 1;
      return changed;
    });
    const client = newClient();
    expect(await readText(await send(client, relay.port))).toContain("answer");
    isHostile = true;
    const reply = await send(client, relay.port);
    const text = await readText(reply);
    expect(reply.kind === "stream" ? reply.getEnd() : reply).toMatchObject({ blame: "miner" });
    expect(text === "failed" || !text.includes('finish_reason":"stop')).toBe(true);
  });

  it("whoever ends TLS in between with a certificate of its own is not spoken to, though it passes the miner's hello on", async () => {
    const server = await startMiner();
    const own = createTransportCertificate();
    const paths: string[] = [];
    const middle = createHttpsServer({ key: own.keyPem, cert: own.certificatePem }, (request, response) => {
      paths.push(request.url ?? "");
      const { host: _host, ...headers } = request.headers;
      const onward = httpsRequest(
        { host: "127.0.0.1", port: server.port, path: request.url, method: request.method, headers, rejectUnauthorized: false },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(onward);
    });
    const port = await listen(middle);
    const reply = await send(newClient(), port);
    expect(reply).toMatchObject({ kind: "failed", blame: "miner" });
    expect(new Set(paths)).toEqual(new Set(["/v1/hello"]));
  });

  it("a hello that came without TLS opens no session", async () => {
    const server = await startMiner();
    const response = await fetch(`${server.url}/v1/hello`, { method: "POST", body: "{}", headers: { "epistula-version": "2" } });
    expect([400, 401]).toContain(response.status);
    expect((await fetch(`${server.url}/v1/status`)).status).toBe(200);
  });

  it("a connection that says nothing, or ends in the middle of its handshake, holds nothing", async () => {
    const server = await startMiner();
    const silent = connect(server.port, "127.0.0.1");
    await once(silent, "connect");
    silent.end();
    await once(silent, "close");
    const broken = connect(server.port, "127.0.0.1");
    broken.end(Buffer.from([0x16, 3, 1, 0, 5, 1]));
    await once(broken, "close");
    await server.close();
  });
});

describe("the certificate of a server", () => {
  it("is an X.509 certificate over a fresh key, signed by itself", () => {
    const one = createTransportCertificate();
    const parsed = new X509Certificate(one.certificateDer);
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.checkPrivateKey(createPrivateKey(one.keyPem))).toBe(true);
    expect(parsed.ca).toBe(true);
    expect(new X509Certificate(one.certificatePem).fingerprint256).toBe(parsed.fingerprint256);
    expect(new X509Certificate(createTransportCertificate().certificateDer).fingerprint256).not.toBe(parsed.fingerprint256);
  });
});
