import type { RequestReport } from "@vision/protocol";
import type { FastifyInstance } from "fastify";
import { shownOutcome } from "../domain/request-dots.js";
import type { CheckStore, Clock } from "../ports/index.js";
import { ApiError, tooManyRequests } from "./api-error.js";
import type { Door } from "./door.js";
import { createRateLimiter } from "./rate-limiter.js";
import type { RequestLog } from "./request-log.js";
import { withinTime } from "./within-time.js";

/** What requests are looked up with. */
export type RequestRouteDependencies = {
  readonly store: Pick<CheckStore, "getRequestVerdicts">;
  readonly requestLog: Pick<RequestLog, "find">;
  readonly clock: Clock;
  readonly door: Pick<Door, "letKeyIn" | "keyOf">;
};

const LOOKS_PER_MINUTE = 120;
const READ_LIMIT_MS = 2_000;

/**
 * `GET /v1/requests/ID`: how a request went, by its `x-request-id`, for the key that made it. Nobody else learns that it was made. Verdicts
 * come out with their period's report, as miners are told them: before, they would tell which answers are checked.
 */
export function addRequestRoutes(app: FastifyInstance, { store, requestLog, clock, door }: RequestRouteDependencies): void {
  const limiter = createRateLimiter();
  app.get<{ Params: { "*": string } }>("/v1/requests/*", { onRequest: door.letKeyIn }, async (request): Promise<RequestReport> => {
    const { id: keyId } = door.keyOf(request);
    const { isAllowed, retryAfterMs } = limiter.take({ key: keyId, perMinute: LOOKS_PER_MINUTE }, clock.monotonicMs());
    if (!isAllowed) throw tooManyRequests(`A key may look ${LOOKS_PER_MINUTE} requests up in a minute.`, retryAfterMs);
    const found = requestLog.find(keyId, request.params["*"]);
    if (found === null) {
      const message = "This key made no such request lately. The newest hundred are known, to the gateway that served them.";
      throw new ApiError({ status: 404, code: "not_found", message });
    }
    const { id, taskId, atMs } = found;
    const tries = [...found.tries];
    const reading = store.getRequestVerdicts(tries.map(({ result }) => result.requestId));
    const verdicts = await withinTime(reading, READ_LIMIT_MS, clock);
    return {
      ...{ id, taskId, atMs },
      tries: tries.map(({ hotkey, result }) => ({
        ...{
          hotkey,
          requestName: result.requestName,
          outcome: shownOutcome(result),
          firstTokenMs: result.firstTokenMs,
          durationMs: result.durationMs,
        },
        units: result.completedUnits,
        verdict: result.outcome === "ok" ? (verdicts.get(result.requestId) ?? { state: "open" }) : { state: "unchecked" },
      })),
    };
  });
}
