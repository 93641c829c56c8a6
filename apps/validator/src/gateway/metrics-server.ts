import { createMetricsServer as createServer, type MetricsServer, type MetricsView } from "@vision/program";
import { listenError } from "./listen-error.js";

/** The metrics endpoint. @throws {@link VisionError} `VALIDATOR_CANNOT_LISTEN` from `listen`. */
export function createMetricsServer(place: { readonly host: string; readonly port: number }, dependencies: MetricsView): MetricsServer {
  const server = createServer(place, dependencies);
  return {
    close: () => server.close(),
    listen: () =>
      server.listen().catch((cause: unknown) => {
        throw listenError({ name: "The metrics server", section: "metrics", host: place.host, port: place.port }, cause);
      }),
  };
}
