import { createGunzip } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Clock, Store } from "../ports/index.js";
import { ApiError } from "./api-error.js";

/** What the reports are read from. */
export type PeriodRouteStore = Pick<
  Store,
  "getLatestPeriodReport" | "getPeriodReport" | "getLatestEpoch" | "getEpoch" | "getScoringInputs"
>;

type Period = number | "latest";

const CACHE_MS = 2_000;
const KEPT_REPORTS = 16; // one is a few megabytes on a full subnet
const KEPT_INPUTS = 2;

const paramsSchema = z.object({ period: z.union([z.literal("latest"), z.coerce.number().pipe(z.int().min(0))]) });

/** Reads through a cache that lasts two seconds: reports are public, and the database serves users first. */
function cached<Value>(keptCount: number, clock: Clock, read: (period: Period) => Promise<Value>): (period: Period) => Promise<Value> {
  const entries = new Map<Period, { readonly value: Promise<Value>; readonly atMs: number }>();
  return (period) => {
    const entry = entries.get(period);
    if (entry !== undefined && clock.nowMs() - entry.atMs < CACHE_MS) return entry.value;
    const value = read(period);
    value.catch(() => entries.delete(period));
    entries.delete(period);
    entries.set(period, { value, atMs: clock.nowMs() });
    const oldest = entries.keys().next();
    if (entries.size > keptCount && oldest.done === false) entries.delete(oldest.value);
    return value;
  };
}

function parsePeriod(params: unknown): Period {
  const parsed = paramsSchema.safeParse(params);
  if (parsed.success) return parsed.data.period;
  throw new ApiError({ status: 400, code: "invalid_request", param: "period", message: "'period' is not valid: a number, or latest." });
}

function orNotFound<Value>(value: Value | null, what: string): Value {
  if (value !== null) return value;
  throw new ApiError({ status: 404, code: "not_found", param: "period", message: `There ${what} of that period.` });
}

/**
 * The public record, with a number or `latest` as the period: `GET /v1/periods/:period` the report (`periodReportSchema`), `/scores` the
 * `EpochReport` of `@vision/scoring` with every intermediate value, `/observations` the parameters and observations that it was computed from.
 */
export function addPeriodRoutes(app: FastifyInstance, { store, clock }: { readonly store: PeriodRouteStore; readonly clock: Clock }): void {
  const readReport = cached(KEPT_REPORTS, clock, (period) =>
    period === "latest" ? store.getLatestPeriodReport() : store.getPeriodReport(period),
  );
  const readScores = cached(KEPT_REPORTS, clock, (period) => (period === "latest" ? store.getLatestEpoch() : store.getEpoch(period)));
  const readInputs = cached(KEPT_INPUTS, clock, (period) => store.getScoringInputs(period));

  app.get("/v1/periods/:period", async (request) => orNotFound(await readReport(parsePeriod(request.params)), "is no report"));

  app.get("/v1/periods/:period/scores", async (request) => {
    const { report, createdAtMs } = orNotFound(await readScores(parsePeriod(request.params)), "are no scores");
    return { ...report, createdAtMs };
  });

  app.get("/v1/periods/:period/observations", async (request, reply) => {
    const packed = orNotFound(await readInputs(parsePeriod(request.params)), "are no observations (any more)");
    reply.type("application/json; charset=utf-8").header("vary", "accept-encoding");
    if (/\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""))) return reply.header("content-encoding", "gzip").send(packed);
    const unpacked = createGunzip();
    unpacked.end(packed);
    return reply.send(unpacked);
  });
}
