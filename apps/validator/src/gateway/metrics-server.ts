import { createServer } from "node:http";
import { listenError } from "./listen-error.js";

/** Serves `GET /metrics` on a port of its own, so that it need not be where users are. */
export type MetricsServer = {
  /** URL of the metrics. */
  listen(): Promise<string>;
  close(): Promise<void>;
};

/** The metrics endpoint. @throws {@link VisionError} `VALIDATOR_CANNOT_LISTEN` from `listen`. */
export function createMetricsServer(
  options: { readonly host: string; readonly port: number },
  dependencies: { readonly render: () => Promise<string>; readonly contentType: string },
): MetricsServer {
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url?.split("?")[0] !== "/metrics") {
      response.writeHead(404, { "content-type": "text/plain" }).end("Only GET /metrics is served here.\n");
      return;
    }
    dependencies.render().then(
      (text) => response.writeHead(200, { "content-type": dependencies.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once("error", (cause) =>
          reject(listenError({ name: "The metrics server", section: "metrics", host: options.host, port: options.port }, cause)),
        );
        server.listen({ host: options.host, port: options.port }, () => {
          const address = server.address();
          const port = typeof address === "object" && address !== null ? address.port : options.port;
          resolve(`http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}/metrics`);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
