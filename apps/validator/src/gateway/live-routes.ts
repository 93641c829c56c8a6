import type { HistoryReport, PeriodSummary } from "@vision/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import type { Clock, LiveView, ScoreStore } from "../ports/index.js";
import { addressGroup } from "./address-group.js";
import { ApiError } from "./api-error.js";
import { createRepresentationCache, type RepresentationCache } from "./cached-representation.js";
import type { Door } from "./door.js";
import { createLiveStream } from "./live-stream.js";

/** What the routes are answered from. */
export type LiveRouteDependencies = {
  readonly liveView: LiveView;
  readonly store: Pick<ScoreStore, "listReportedPeriods" | "getPeriodSummaries">;
  readonly clock: Clock;
  readonly door: Pick<Door, "letStrangerIn">;
  readonly closing: AbortSignal;
};

const HISTORY_PERIODS = 48; // two days of hours
/** Late answers change reports of so many newest periods; older ones are read once. */
const CHANGING_PERIODS = 3;

/** Reads the newest periods' summaries. Those that cannot change any more are remembered. */
function createHistoryReader(store: LiveRouteDependencies["store"]): () => Promise<HistoryReport> {
  const settled = new LRUCache<number, PeriodSummary>({ max: 2 * HISTORY_PERIODS });
  return async () => {
    const numbers = await store.listReportedPeriods(HISTORY_PERIODS);
    const known = numbers.slice(CHANGING_PERIODS).flatMap((period) => settled.get(period) ?? []);
    const isKnown = new Set(known.map(({ period }) => period));
    const read = await store.getPeriodSummaries(numbers.filter((period) => !isKnown.has(period)));
    for (const summary of read) settled.set(summary.period, summary);
    return { periods: [...known, ...read].sort((a, b) => a.period - b.period) };
  };
}

/**
 * What is going on and how it came to that: `GET /v1/live` (`liveReportSchema`), the same as server-sent events under `/v1/live/events`,
 * `/v1/chain` (`chainReportSchema`) and `/v1/history` (`historyReportSchema`).
 */
export function addLiveRoutes(app: FastifyInstance, dependencies: LiveRouteDependencies): void {
  const { liveView, store, clock, door, closing } = dependencies;
  const stream = createLiveStream(() => liveView.live(), { clock, closing });
  const readHistory = createHistoryReader(store);
  const live = createRepresentationCache<"">({ kept: 1 }, { clock, read: async () => ({ json: liveView.live() }) });
  const history = createRepresentationCache<"">({ kept: 1 }, { clock, read: async () => ({ json: await readHistory() }) });
  const chain = createRepresentationCache<"">(
    { kept: 1 },
    {
      clock,
      async read() {
        const report = liveView.chain();
        return report === null ? null : { json: report };
      },
    },
  );
  const onRequest = async (request: FastifyRequest) => door.letStrangerIn(request);

  const serve = (path: string, cache: RepresentationCache<"">) =>
    app.get(path, {
      onRequest,
      async handler(request: FastifyRequest, reply: FastifyReply) {
        if (await cache.send("", request, reply)) return reply;
        const message = "The chain has not been read yet. Try again shortly.";
        throw new ApiError({ status: 503, code: "overloaded", message, retryAfterSeconds: 5 });
      },
    });
  serve("/v1/live", live);
  serve("/v1/history", history);
  serve("/v1/chain", chain);

  app.get("/v1/live/events", {
    onRequest,
    async handler(request: FastifyRequest, reply: FastifyReply) {
      if (stream.add(reply.raw, addressGroup(request.ip))) return reply.hijack();
      const message = "Too many listen already. GET /v1/live tells the same.";
      throw new ApiError({ status: 503, code: "overloaded", message, retryAfterSeconds: 30 });
    },
  });
}
