import { createServer } from "node:http";
import { VisionError } from "@vision/protocol";
import { type WebSocket, WebSocketServer } from "ws";
import type { DevNode } from "../node/dev-node.js";
import { Connection } from "./connection.js";
import { handleMessage } from "./handle-message.js";

/** Largest message, in bytes; the chain's largest extrinsic fits as hex. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** A running server. */
export type RpcServer = { readonly port: number; close(): Promise<void> };

/** Where and for what to serve. Port 0 takes a free one. */
export type ServeOptions = { readonly node: DevNode; readonly host: string; readonly port: number; readonly chainName: string };

/**
 * Serves JSON-RPC over WebSocket, and over HTTP POST for everything but subscriptions.
 *
 * @throws {@link VisionError} `SDK_PORT_IN_USE` when the port is taken.
 */
export async function serveRpc(options: ServeOptions): Promise<RpcServer> {
  const { node, chainName } = options;
  const sockets = new Set<WebSocket>();
  const disconnectAll = (): void => {
    for (const socket of sockets) socket.terminate();
  };

  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_MESSAGE_BYTES) request.destroy();
      else chunks.push(chunk);
    });
    request.on("end", () => {
      const connection = new Connection(() => undefined, "http");
      const answer = handleMessage(Buffer.concat(chunks).toString("utf8"), { node, connection, chainName, disconnectAll });
      connection.close();
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer));
    });
  });

  const webSockets = new WebSocketServer({ server: http, maxPayload: MAX_MESSAGE_BYTES });
  let connections = 0;
  webSockets.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    const send = (message: unknown): void => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    };
    const connection = new Connection(send, `c${connections}`);
    socket.on("message", (data) => send(handleMessage(data.toString(), { node, connection, chainName, disconnectAll })));
    socket.on("close", () => {
      sockets.delete(socket);
      connection.close();
    });
    // A broken connection ends in "close" as well; without a listener the error would end the process.
    socket.on("error", () => socket.terminate());
  });
  // The HTTP server reports the same errors; here they would be thrown.
  webSockets.on("error", () => undefined);

  await new Promise<void>((resolve, reject) => {
    http.once("error", (cause: NodeJS.ErrnoException) => reject(listenError(options, cause)));
    http.listen(options.port, options.host, resolve);
  });
  const address = http.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;

  return {
    port,
    close: async () => {
      webSockets.close();
      await closeGracefully(sockets);
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

/** Milliseconds that clients have to answer a goodbye before they are cut off. */
const GOODBYE_MS = 500;

async function closeGracefully(sockets: ReadonlySet<WebSocket>): Promise<void> {
  await Promise.all(
    [...sockets].map(
      (socket) =>
        new Promise<void>((resolve) => {
          const timer = setTimeout(() => socket.terminate(), GOODBYE_MS);
          socket.once("close", () => {
            clearTimeout(timer);
            resolve();
          });
          socket.close(1001, "The node stops");
        }),
    ),
  );
}

function listenError({ host, port }: ServeOptions, cause: NodeJS.ErrnoException): Error {
  if (cause.code !== "EADDRINUSE") return cause;
  return new VisionError({
    code: "SDK_PORT_IN_USE",
    message: `Port ${port} on ${host} is taken by another program.`,
    hint: "Choose another with --port, or stop the other program.",
    facts: { host, port },
    cause,
  });
}
