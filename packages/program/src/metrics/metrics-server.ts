import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { hostAndPort } from "../host-and-port.js";

/** Serves `GET /metrics` on a port of its own, so that it need not be where users are. */
export type MetricsServer = {
  /** URL of the metrics. Rejects with the system's error where the port cannot be listened on. */
  listen(): Promise<string>;
  close(): Promise<void>;
};

/** What a metrics endpoint shows. `health` is for programs that have no other server: `GET /healthz` and `GET /readyz`, 200 or 503. */
export type MetricsView = {
  readonly render: () => Promise<string>;
  readonly contentType: string;
  readonly health?: () => { readonly isAlive: boolean; readonly isReady: boolean };
};

/** The metrics endpoint of a program. */
export function createMetricsServer(
  { host, port }: { readonly host: string; readonly port: number },
  { render, contentType, health }: MetricsView,
): MetricsServer {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url?.split("?")[0];
    if (request.method === "GET" && health !== undefined && (path === "/healthz" || path === "/readyz")) {
      const { isAlive, isReady } = health();
      response.writeHead((path === "/healthz" ? isAlive : isReady) ? 200 : 503, { "cache-control": "no-store" }).end();
      return;
    }
    if (request.method !== "GET" || path !== "/metrics") {
      response.writeHead(404, { "content-type": "text/plain" }).end("Only GET /metrics is served here.\n");
      return;
    }
    const text = await render();
    response.writeHead(200, { "content-type": contentType }).end(text);
  };
  // Who only looks on must not end the program, whatever is wrong with what it would have been shown.
  const server = createServer((request, response) => {
    answer(request, response).catch(() => (response.headersSent ? response.destroy() : response.writeHead(500).end()));
  });
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host, port }, () => {
          const address = server.address();
          const bound = typeof address === "object" && address !== null ? address.port : port;
          resolve(`http://${hostAndPort({ host, port: bound })}/metrics`);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
