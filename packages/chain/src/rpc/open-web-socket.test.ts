import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket as TcpSocket } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { openWebSocket } from "./open-web-socket.js";

const limits = { connectTimeoutMs: 600_000, answerTimeoutMs: 600_000, pingIntervalMs: 600_000 };
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("openWebSocket", () => {
  it("a client that was closed while it connected lived on until the attempt had timed out", async () => {
    const server = createTcpServer();
    const url = await listen(server);
    const giveUp = new AbortController();
    const opening = openWebSocket(url, limits, giveUp.signal);
    const [connection] = (await once(server, "connection")) as [TcpSocket];
    const closed = once(connection.resume(), "close");
    giveUp.abort();
    await expect(opening).rejects.toThrow("this side gave it up");
    await closed;
    await expect(openWebSocket(url, limits, giveUp.signal)).rejects.toThrow("aborted");
  });

  it("a node that does not answer a goodbye held the program for 30 s", async () => {
    const server = createServer();
    const connections: Promise<unknown>[] = [];
    server.on("upgrade", (request, connection) => {
      const accept = createHash("sha1")
        .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest("base64");
      const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`];
      connection.write(`${head.join("\r\n")}\r\n\r\n`);
      // It reads what comes, and says nothing.
      connections.push(once(connection.resume(), "end").then(() => connection.destroy()));
    });
    const socket = await openWebSocket(await listen(server), limits);
    const saidAtMs = performance.now();
    socket.close();
    expect(await socket.closed).toMatchObject({ kind: "client-closed" });
    await Promise.all(connections);
    expect(connections).toHaveLength(1);
    expect(performance.now() - saidAtMs).toBeLessThan(20_000);
  });
});
