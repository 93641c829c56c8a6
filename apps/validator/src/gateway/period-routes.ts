import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Clock, ScoreStore } from "../ports/index.js";
import { ApiError } from "./api-error.js";
import { createRepresentationCache, FRESH_MS, type RepresentationCache } from "./cached-representation.js";
import type { Door } from "./door.js";

/** What the reports are read from. */
export type PeriodRouteStore = Pick<
  ScoreStore,
  | "getLatestPeriodReport"
  | "getPeriodReport"
  | "getLatestEpoch"
  | "getEpoch"
  | "getScoringInputs"
  | "getPeriodRequests"
  | "listReportedPeriods"
>;

type Period = number | "latest";

const KEPT_REPORTS = 16; // one is a few megabytes on a full subnet
const KEPT_INPUTS = 2;
/** The requests of a closed period do not change any more, and counting them goes through all of them. */
const CLOSED_FRESH_MS = 600_000;

const paramsSchema = z.object({ period: z.union([z.literal("latest"), z.coerce.number().pipe(z.int().min(0))]) });

function parsePeriod(params: unknown): Period {
  const parsed = paramsSchema.safeParse(params);
  if (parsed.success) return parsed.data.period;
  throw new ApiError({ status: 400, code: "invalid_request", param: "period", message: "'period' is not valid: a number, or latest." });
}

/**
 * The public record, with a number or `latest` as the period: `GET /v1/periods/:period` the report (`periodReportSchema`), `/scores` the
 * `EpochReport` of `@vision/scoring` with every intermediate value, `/observations` the parameters and observations that it was computed from,
 * `/requests` all of its requests as dots (`periodRequestsSchema`).
 */
export function addPeriodRoutes(
  app: FastifyInstance,
  { store, clock, door }: { readonly store: PeriodRouteStore; readonly clock: Clock; readonly door: Pick<Door, "letStrangerIn"> },
): void {
  const asJson = <Value>(value: Value | null) => (value === null ? null : { json: value });
  const reports = createRepresentationCache<Period>(
    { kept: KEPT_REPORTS },
    { clock, read: async (period) => asJson(await (period === "latest" ? store.getLatestPeriodReport() : store.getPeriodReport(period))) },
  );
  const scores = createRepresentationCache<Period>(
    { kept: KEPT_REPORTS },
    {
      clock,
      async read(period) {
        const epoch = await (period === "latest" ? store.getLatestEpoch() : store.getEpoch(period));
        return epoch === null ? null : { json: { ...epoch.report, createdAtMs: epoch.createdAtMs } };
      },
    },
  );
  const requests = createRepresentationCache<Period>(
    { kept: KEPT_REPORTS, freshMs: (period) => (period === "latest" ? FRESH_MS : CLOSED_FRESH_MS) },
    {
      clock,
      async read(period) {
        const number = period === "latest" ? (await store.listReportedPeriods(1))[0] : period;
        return number === undefined ? null : asJson(await store.getPeriodRequests(number));
      },
    },
  );
  const inputs = createRepresentationCache<Period>(
    { kept: KEPT_INPUTS },
    {
      clock,
      async read(period) {
        const gzipJson = await store.getScoringInputs(period);
        return gzipJson === null ? null : { gzipJson };
      },
    },
  );

  const serve = (path: string, cache: RepresentationCache<Period>, what: string) =>
    app.get(path, {
      onRequest: async (request) => door.letStrangerIn(request),
      async handler(request: FastifyRequest, reply: FastifyReply) {
        if (await cache.send(parsePeriod(request.params), request, reply)) return reply;
        throw new ApiError({ status: 404, code: "not_found", param: "period", message: `There ${what} of that period.` });
      },
    });
  serve("/v1/periods/:period", reports, "is no report");
  serve("/v1/periods/:period/scores", scores, "are no scores");
  serve("/v1/periods/:period/requests", requests, "is no report");
  serve("/v1/periods/:period/observations", inputs, "are no observations (any more)");
}
