import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const LOOPBACK = "127.0.0.1";

/**
 * Where a free port is looked for: below those that systems give to outgoing connections and to whoever listens at port 0 (Linux from
 * 32,768, others from 49,152), so that nothing takes it by chance before the program that it is meant for.
 */
const FIRST_PORT = 10_000;
const LAST_PORT = 32_767;
const MOST_LOOKS = 1_000;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}

/**
 * A port of loopback that is free now: the wished one, or any.
 *
 * @throws Error when none is found.
 */
export async function findFreePort(wished?: number): Promise<number> {
  if (wished !== undefined && (await isFree(wished))) return wished;
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port between ${FIRST_PORT} and ${LAST_PORT} is free on ${LOOPBACK}.`);
}
