import type { FastifyInstance } from "fastify";
import type { Health } from "../ports/index.js";

/** Address that tells whether the program lives; also while it drains, or whoever watches would kill it. */
export const ALIVE_PATH = "/healthz";

/**
 * `GET /healthz` and `GET /readyz`, for whatever starts and watches the program: 200 or 503 and no body. Anybody may ask, for it costs
 * nothing and says nothing else; what exactly is wrong is told by the log and the metrics.
 */
export function addHealthRoutes(app: FastifyInstance, health: () => Health): void {
  const answer = (isGood: boolean) => (isGood ? 200 : 503);
  app.get(ALIVE_PATH, async (_request, reply) => reply.code(answer(health().isAlive)).header("cache-control", "no-store").send());
  app.get("/readyz", async (_request, reply) => reply.code(answer(health().isReady)).header("cache-control", "no-store").send());
}
