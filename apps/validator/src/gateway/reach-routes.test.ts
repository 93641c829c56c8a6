import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type ReachReport, reachReportSchema } from "@vision/protocol";
import { createHotkeyFromUri, createMiner, ready, silentLogger } from "@vision/sdk";
import { serve } from "@vision/sdk/node";
import { createFakeBackend } from "@vision/sdk/testing";
import { callBack as realCallBack } from "../adapters/call-back.js";
import type { CallBack } from "../ports/index.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";

let fixture: GatewayFixture;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  await fixture.close();
  for (const close of closers.splice(0)) await close();
});

type Options = NonNullable<Parameters<typeof startGateway>[1]>["options"];

async function start(options: Options = {}, callBack: CallBack = realCallBack): Promise<void> {
  fixture = await startGateway({}, { options, callBack });
}

function ask(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${fixture.url}/v1/reach`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

async function reach(port: number, headers: Readonly<Record<string, string>> = {}): Promise<ReachReport> {
  const response = await ask({ port }, headers);
  expect(response.status).toBe(200);
  return reachReportSchema.parse(await response.json());
}

/** A listener on loopback. Returns its port. */
async function listen(serveSocket: (socket: Socket) => void): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer(serveSocket);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  closers.push(() => server.close());
  return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
}

/** Also of one that was reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.on("error", () => undefined).once("close", () => resolve()));
}

/** A connection back that notes where it was to go. */
function recorded() {
  const hosts: string[] = [];
  const callBack: CallBack = async ({ host }) => {
    hosts.push(host);
    return { tcp: "accepted", tls: "failed", certificateSha256Hex: null };
  };
  return { hosts, callBack };
}

describe("POST /v1/reach, at real ports", () => {
  it("tells a miner's certificate, plain TCP and a closed port apart", async () => {
    await ready();
    const miner = createMiner({
      hotkey: createHotkeyFromUri("//Alice"),
      tasks: { "chat-tiny": { capacityPerHour: 3_600 } },
      backend: createFakeBackend(),
      logger: silentLogger,
    });
    const server = await serve(miner, { host: "127.0.0.1", port: 0 });
    closers.push(() => server.close());
    const plain = await listen((socket) => socket.on("error", () => undefined).end("220 smtp\r\n"));
    const nobody = await listen(() => undefined);
    nobody.server.close();
    await start({ arePrivateEndpointsAllowed: true });
    const seen = await reach(server.port);
    expect(seen).toMatchObject({ address: "127.0.0.1", port: server.port, tcp: "accepted", tls: "completed" });
    expect(seen.certificateSha256Hex).toMatch(/^[0-9a-f]{64}$/);
    expect((await reach(server.port)).certificateSha256Hex).toBe(seen.certificateSha256Hex);
    expect(await reach(plain.port)).toMatchObject({ tcp: "accepted", tls: "failed", certificateSha256Hex: null });
    expect(await reach(nobody.port)).toMatchObject({ tcp: "refused", tls: "notTried" });
  });

  it("leaves what says nothing, or never ends, and keeps no connection there", async () => {
    const place = { host: "127.0.0.1", port: 0 };
    const signal = new AbortController().signal;
    let gone: Promise<unknown> = Promise.resolve();
    const silent = await listen((socket) => {
      gone = closed(socket.resume());
    });
    expect(await realCallBack({ ...place, port: silent.port }, { limitMs: 50, signal })).toEqual({
      tcp: "accepted",
      tls: "silent",
      certificateSha256Hex: null,
    });
    await gone;
    const endless = await listen((socket) => {
      gone = closed(socket);
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 0x16)));
      };
      socket.on("drain", more);
      more();
    });
    expect(await realCallBack({ ...place, port: endless.port }, { limitMs: 60_000, signal })).toEqual({
      tcp: "accepted",
      tls: "failed",
      certificateSha256Hex: null,
    });
    await gone;
    await start();
  });
});

describe("POST /v1/reach", () => {
  it("connects to the sender's own address and to no other, also through a trusted proxy", async () => {
    const { hosts, callBack } = recorded();
    await start({}, callBack);
    expect(await reach(8_091, { "x-forwarded-for": "8.8.4.9" })).toMatchObject({ address: "8.8.4.9", tcp: "accepted" });
    // What the sender says of itself stands before what the proxy says of it.
    await reach(8_091, { "x-forwarded-for": "1.1.1.1, 8.8.4.9" });
    await reach(8_091, { "x-forwarded-for": "2600:9000::1" });
    expect(hosts).toEqual(["8.8.4.9", "8.8.4.9", "2600:9000::1"]);
    for (const body of [{ port: 25, host: "192.0.2.1" }, { port: 0 }, { port: 65_536 }, { port: "25" }, [], null, {}]) {
      const refused = await ask(body);
      expect({ body, status: refused.status }).toEqual({ body, status: 400 });
    }
    expect(hosts).toHaveLength(3);
  });

  it("a sender behind a proxy that hid it had the proxy's own ports tried: what is not public is not tried, and not told", async () => {
    const { hosts, callBack } = recorded();
    await start({ announce: { host: "8.8.4.200" } }, callBack);
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []);
    const hidden = ["10.0.0.5", "169.254.169.254", "::ffff:10.0.0.5", "2002:a00:5::", "64:ff9b::a00:5", "fd00::5", "::1", "8.8.4.200"];
    for (const [index, address] of ["", ...hidden, ...own].entries()) {
      await fixture.clock.advance(60_000);
      const seen = await reach(22, address === "" ? {} : { "x-forwarded-for": address });
      expect({ index, address, seen }).toMatchObject({ address, seen: { address: null, tcp: "notTried", tls: "notTried" } });
    }
    expect(hosts).toEqual([]);
  });

  it("connects six times a minute to an address, and so often as is set to all together", async () => {
    const { hosts, callBack } = recorded();
    await start({ callBacksPerMinute: 8 }, callBack);
    const from = async (address: string) => (await ask({ port: 1 }, { "x-forwarded-for": address })).status;
    const statuses: number[] = [];
    for (let count = 0; count < 7; count += 1) statuses.push(await from(`2600:9000::${count + 1}`));
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429]);
    expect(await from("8.8.4.1")).toBe(200);
    expect(await from("8.8.4.2")).toBe(200);
    const refused = await ask({ port: 1 }, { "x-forwarded-for": "8.8.4.3" });
    expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([429, true]);
    expect(hosts).toHaveLength(8);
    await fixture.clock.advance(60_000);
    expect(await from("8.8.4.3")).toBe(200);
  });

  it("bounds those under way, and ends them with itself", async () => {
    const begun: AbortSignal[] = [];
    const end: (() => void)[] = [];
    let wake = () => {};
    const callBack: CallBack = (_place, { signal }) =>
      new Promise((resolve) => {
        begun.push(signal);
        const silent = () => resolve({ tcp: "silent", tls: "notTried", certificateSha256Hex: null });
        end.push(silent);
        signal.addEventListener("abort", silent, { once: true });
        wake();
      });
    const untilBegun = async (count: number) => {
      while (begun.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    await start({ callBacksPerMinute: 1_000 }, callBack);
    const waiting = Array.from({ length: 16 }, (_, index) => ask({ port: 1 }, { "x-forwarded-for": `8.8.4.${index}` }).catch(() => null));
    await untilBegun(16);
    expect((await ask({ port: 1 }, { "x-forwarded-for": "8.8.4.99" })).status).toBe(429);
    end[0]?.();
    await waiting[0];
    const next = ask({ port: 1 }, { "x-forwarded-for": "8.8.4.99" }).catch(() => null);
    await untilBegun(17);
    await fixture.gateway.close();
    await Promise.all([...waiting, next]);
    expect(begun.every(({ aborted }) => aborted)).toBe(true);
  });

  it("is switched off by a setting, and takes no large body and no other method", async () => {
    await start({ callBacksPerMinute: 0 });
    expect((await ask({ port: 1 })).status).toBe(403);
    await fixture.close();
    await start({ arePrivateEndpointsAllowed: true });
    expect((await ask({ port: 1, padding: "x".repeat(5_000) })).status).toBe(413);
    expect((await fetch(`${fixture.url}/v1/reach`)).status).toBe(404);
    expect((await fetch(`${fixture.url}/v1/reach`, { method: "POST", body: "port=1" })).status).toBe(415);
    expect((await fetch(`${fixture.url}/v1/reach`, { method: "POST" })).status).toBe(400);
  });

  it("is given nothing by what hangs up before its body", async () => {
    const { hosts, callBack } = recorded();
    await start({ arePrivateEndpointsAllowed: true }, callBack);
    const { port } = new URL(fixture.url);
    const socket = connect({ port: Number(port), host: "127.0.0.1" });
    socket.end("POST /v1/reach HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n{");
    await once(socket.resume(), "close");
    expect(hosts).toEqual([]);
  });
});
