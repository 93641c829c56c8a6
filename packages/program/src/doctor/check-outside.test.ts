import { createServer as createHttpServer, type RequestListener } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { ReachReport } from "@vision/protocol";
import { askReach } from "./ask-reach.js";
import { checkOutside, type OutsidePort } from "./check-outside.js";
import { judgeOutside } from "./judge-outside.js";

const { signal } = new AbortController();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    if ("closeAllConnections" in server && typeof server.closeAllConnections === "function") server.closeAllConnections();
    server.close();
  }
});

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await portOf(server);
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  return port;
}

async function peerThat(answers: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await portOf(createHttpServer(answers))}`;
}

const report: ReachReport = { address: "127.0.0.1", port: 1, tcp: "accepted", tls: "failed", certificateSha256Hex: null, durationMs: 12.4 };

/** A peer that connects back in truth, to the asked port or to another. */
function honestPeer(elsewhere?: number): Promise<string> {
  return peerThat(async (request, response) => {
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += piece;
    const { port } = JSON.parse(body) as { readonly port: number };
    const socket = connect({ port: elsewhere ?? port, host: "127.0.0.1" });
    socket.on("error", () => response.end(JSON.stringify({ ...report, port, tcp: "refused" })));
    socket.once("connect", () => socket.write("\x16"));
    socket.resume().once("end", () => response.end(JSON.stringify({ ...report, port })));
  });
}

function look(changes: Partial<OutsidePort> & { readonly port?: number } = {}) {
  const { port = 1, ...rest } = changes;
  const options: OutsidePort = {
    ...{ peer: undefined, listen: { host: "127.0.0.1", port }, lookedForAt: Promise.resolve({ host: "127.0.0.2", port }) },
    ...{ portIsLeft: Promise.resolve(), speaksTls: false, announce: "chain.announce", ...rest },
  };
  return checkOutside(options).run(signal);
}

describe("checkOutside", () => {
  it("says that nobody is asked where no peer is configured, and fails nothing", async () => {
    expect(await look()).toMatchObject({ status: "ok", detail: expect.stringContaining("doctor.peer names no validator") });
  });

  it("listens in the place of a program that does not run, and knows whether the peer came to it", async () => {
    const port = await freePort();
    expect(await look({ port, peer: await honestPeer() })).toMatchObject({ status: "ok", detail: expect.stringContaining("arrive here") });
    const other = await portOf(createServer((socket) => socket.on("error", () => undefined).end("hello")));
    expect(await look({ port, peer: await honestPeer(other) })).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("is not this machine"),
    });
    // The port is left as it was found.
    const again = createServer();
    servers.push(again);
    await new Promise<void>((resolve, reject) => void again.once("error", reject).listen(port, "127.0.0.1", resolve));
  });

  it("asks about the published port, waits for the line of its own, and goes without the chain", async () => {
    const asked: string[] = [];
    const peer = await peerThat((request, response) => {
      request.setEncoding("utf8").on("data", (text: string) => asked.push(text));
      request.on("end", () => response.end(JSON.stringify({ ...report, ...JSON.parse(asked.at(-1) ?? ""), tcp: "silent" })));
    });
    let leave: () => void = () => {};
    const portIsLeft = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const port = await freePort();
    const looking = look({ port, peer, portIsLeft, lookedForAt: Promise.resolve({ host: "127.0.0.9", port: 4_711 }) });
    const held = createServer();
    await new Promise<void>((resolve, reject) => void held.once("error", reject).listen(port, "127.0.0.1", resolve));
    await new Promise<void>((resolve) => void held.close(() => resolve()));
    leave();
    expect(await looking).toMatchObject({ status: "fail", detail: expect.stringContaining("127.0.0.9:4711 do not arrive") });
    expect(asked).toEqual(['{"port":4711}']);
    await look({ port, peer, lookedForAt: Promise.reject(new Error("no chain")) });
    expect(asked.at(-1)).toBe(JSON.stringify({ port }));
  });

  it.each<readonly [string, RequestListener, string]>([
    ["breaks", (_request, response) => response.writeHead(500).end("no"), "status 500"],
    ["does not know the address", (_request, response) => response.writeHead(404).end(), "older"],
    ["is asked too often", (_request, response) => response.writeHead(429).end(), "too many"],
    ["leads elsewhere", (_request, response) => response.writeHead(307, { location: "http://127.0.0.1:1/" }).end(), "status 307"],
    ["says what is no JSON", (_request, response) => response.end("<html>"), "is no report"],
    ["says nothing that is one", (_request, response) => response.end('{"address":7}'), "is no report"],
    ["tells of another port", (_request, response) => response.end(JSON.stringify({ ...report, port: 2 })), "is no report"],
    ["answers 16 MB", (_request, response) => response.end("x".repeat(16 * 1024 * 1024)), "longer than"],
    ["hangs up", (request) => request.socket.destroy(), "socket hang up"],
    ["hangs up in the middle", (request, response) => response.write("{", () => request.socket.destroy()), "aborted"],
    ["speaks no HTTP", (request) => void request.socket.end("SSH-2.0\r\n"), "Parse Error"],
  ])("only warns where the peer %s", async (_what, answers, words) => {
    const found = await look({ port: await freePort(), peer: await peerThat(answers) });
    expect(found).toMatchObject({ status: "warn", detail: expect.stringContaining(words), advice: expect.stringContaining("doctor.peer") });
  });

  it("only warns where nobody is there, and where nothing comes in time", async () => {
    const port = await freePort();
    const nobody = `http://127.0.0.1:${await freePort()}`;
    expect(await look({ port, peer: nobody })).toMatchObject({ status: "warn", detail: expect.stringContaining("ECONNREFUSED") });
    expect(await look({ port, peer: "https://peer.invalid" })).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("peer.invalid"),
    });
    const silent = await peerThat(() => undefined);
    expect(await askReach({ peer: silent, port: 1, family: 4 }, { signal, limitMs: 30 })).toEqual({
      kind: "unknown",
      reason: "it did not answer within 0.03 s",
    });
  });
});

describe("judgeOutside", () => {
  const hex = "ab".repeat(32);
  const judge = (changes: Partial<ReachReport>, more: Partial<Parameters<typeof judgeOutside>[0]> = {}) =>
    judgeOutside({
      report: { ...report, address: "8.8.4.4", port: 8_091, tls: "completed", certificateSha256Hex: hex, ...changes },
      ...{ peer: "peer", host: "8.8.4.4", announce: "chain.announce" },
      atPort: { kind: "program", speaksTls: true, certificateSha256Hex: hex },
      ...more,
    });

  it("fails where validators are refused, lost or answered by another, and is content with the program's own certificate", () => {
    expect(judge({})).toMatchObject({ status: "ok", detail: expect.stringContaining("this program's certificate") });
    expect(judge({ tcp: "refused" })).toMatchObject({ status: "fail", advice: expect.stringContaining("firewall") });
    expect(judge({ tcp: "silent" }).status).toBe("fail");
    expect(judge({ tcp: "unreachable" }).status).toBe("fail");
    expect(judge({ tls: "failed" })).toMatchObject({ status: "fail", detail: expect.stringContaining("no TLS") });
    // A miner that answers users while it is asked may be late, and is none the worse for it.
    expect(judge({ tls: "silent", certificateSha256Hex: null })).toMatchObject({ status: "warn", advice: expect.stringContaining("busy") });
    expect(judge({ certificateSha256Hex: "cd".repeat(32) })).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("another certificate"),
    });
    expect(judge({}, { atPort: { kind: "program", speaksTls: true, certificateSha256Hex: null } }).status).toBe("ok");
    expect(judge({ tls: "failed" }, { atPort: { kind: "program", speaksTls: false, certificateSha256Hex: null } }).status).toBe("ok");
  });

  it("only warns where the peer saw another address than the published one, or none", () => {
    expect(judge({ address: "9.9.9.9" })).toMatchObject({ status: "warn", advice: expect.stringContaining("Correct chain.announce") });
    expect(judge({ address: "2600:9000::1" })).toMatchObject({ status: "warn", advice: expect.stringContaining("family of 8.8.4.4") });
    expect(judge({ address: "2600:9000::1" }, { host: "2600:9000:0:0::0001" }).status).toBe("ok");
    expect(judge({ address: null, tcp: "notTried" })).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("no public address"),
    });
    expect(judge({ tcp: "refused" }, { host: null })).toMatchObject({ status: "fail", detail: expect.stringContaining("8.8.4.4:8091") });
  });
});
