import { createServer, type Socket } from "node:net";

/** A listener in the place of a program that does not run. */
export type StandIn = {
  /** Connections that have come. */
  arrivals(): number;
  close(): Promise<void>;
};

/** Listens where a program would and ends whatever comes; null where somebody listens already, or nobody can. */
export function openStandIn(place: { readonly host: string; readonly port: number }): Promise<StandIn | null> {
  let arrivals = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    arrivals += 1;
    open.add(socket);
    socket.on("error", () => undefined).once("close", () => open.delete(socket));
    // Only after the first bytes, or what waits for an answer to them would take the end for a refusal.
    socket.once("data", () => socket.end());
    socket.once("end", () => socket.end());
  });
  return new Promise((resolve) => {
    server.once("error", () => resolve(null));
    server.listen({ ...place, exclusive: true }, () =>
      resolve({
        arrivals: () => arrivals,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of open) socket.destroy();
          }),
      }),
    );
  });
}
