import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { z } from "zod";

const requestSchema = z.object({ id: z.number(), method: z.string(), params: z.array(z.unknown()) });

/** What a hostile node does with one request: `pass` hands it on, `swallow` answers nothing, an object is the answer. */
export type Treatment =
  | "pass"
  | "swallow"
  | { readonly error: { readonly code: number; readonly message: string } }
  | { readonly result: unknown };

/** A node that misbehaves as it is told, in front of an honest one. Clients cannot tell the two apart otherwise. */
export type HostileNode = {
  readonly url: string;
  /** Names of the methods asked for, in order. */
  readonly asked: readonly string[];
  /** Connections that clients have open. */
  connectionCount(): number;
  /** Decides about requests from now on. */
  treat(treatment: (method: string, params: readonly unknown[]) => Treatment): void;
  /** From now on nothing is sent any more, and with `pongs: false` not even the answers to pings; TCP stays up. */
  goSilent(options: { readonly pongs: boolean }): void;
  /** From now on requests are answered, but subscribers are told nothing. */
  stopNotifications(): void;
  /** Resolves when the method was asked for this many times in all. */
  untilAsked(method: string, count?: number): Promise<void>;
  close(): Promise<void>;
};

/** Starts a hostile node in front of the given one. */
export async function createHostileNode(upstreamUrl: string): Promise<HostileNode> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", autoPong: false });
  await once(server, "listening");
  const asked: string[] = [];
  const waiting = new Set<() => void>();
  const sockets = new Set<WebSocket>();
  let treatment: (method: string, params: readonly unknown[]) => Treatment = () => "pass";
  let isSilent = false;
  let sendsPongs = true;
  let sendsNotifications = true;

  server.on("connection", (client) => {
    const upstream = new WebSocket(upstreamUrl);
    const opened = once(upstream, "open");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => undefined);
    }
    client.on("close", () => upstream.close());
    upstream.on("close", () => client.close());
    client.on("ping", (data) => sendsPongs && client.pong(data));
    client.on("message", async (data) => {
      const text = data.toString();
      const { id, method, params } = requestSchema.parse(JSON.parse(text));
      asked.push(method);
      for (const wake of [...waiting]) wake();
      const decision = treatment(method, params);
      if (isSilent || decision === "swallow") return;
      if (decision !== "pass") return client.send(JSON.stringify({ jsonrpc: "2.0", id, ...decision }));
      await opened;
      upstream.send(text);
    });
    upstream.on("message", (data) => {
      const text = data.toString();
      if (isSilent || (!sendsNotifications && text.includes('"subscription"'))) return;
      client.send(text);
    });
  });

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    connectionCount: () => server.clients.size,
    treat(next) {
      treatment = next;
    },
    goSilent({ pongs }) {
      isSilent = true;
      sendsPongs = pongs;
    },
    stopNotifications() {
      sendsNotifications = false;
    },
    untilAsked(method, count = 1) {
      return new Promise((resolve) => {
        const look = () => {
          if (asked.filter((name) => name === method).length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
