import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createVolumeLimiter } from "./volume-limiter.js";

/** One machine behind several miners: the capacity that they have together. */
export type SharedMachine = { readonly url: string; close(): Promise<void> };

/**
 * Keeps the capacity of a machine for miners in several processes: each asks it before it works.
 *
 * @param limitPerHour - Work units per hour of all of them together, by task.
 */
export async function startSharedMachine(limitPerHour: Readonly<Record<string, number>>): Promise<SharedMachine> {
  const hasRoom = createVolumeLimiter({ limitPerHour, now: () => performance.now() });
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    response.writeHead(hasRoom(pathname.slice(1), Number(searchParams.get("units"))) ? 204 : 429).end();
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

/** Whether that machine has room for so many work units of a task; takes them if it has. */
export async function askSharedMachine(url: string, work: { taskId: string; units: number; signal: AbortSignal }): Promise<boolean> {
  const response = await fetch(`${url}/${work.taskId}?units=${work.units}`, { method: "POST", signal: work.signal });
  return response.ok;
}
