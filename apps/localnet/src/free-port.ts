import { createServer } from "node:net";

function tryPort(port: number, host: string): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : null));
    });
  });
}

/** A port that is free now: the wished one, or any. */
export async function findFreePort(wished = 0, host = "127.0.0.1"): Promise<number> {
  const port = (await tryPort(wished, host)) ?? (await tryPort(0, host));
  if (port === null) throw new Error(`No port is free on ${host}.`);
  return port;
}

/** So many different free ports. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await findFreePort());
  return [...ports];
}
