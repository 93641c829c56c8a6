import { enabledTasks, type Task } from "@vision/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Clock, EpochRecord, RoutingView, Store } from "../ports/index.js";
import { ApiError } from "./api-error.js";
import type { Authenticator } from "./authenticate.js";

/** What the endpoints that run no model need. */
export type PublicRouteDependencies = {
  readonly routing: Pick<RoutingView, "registry" | "currentPeriod">;
  readonly store: Pick<Store, "getLatestEpoch" | "getEpoch">;
  readonly clock: Clock;
  readonly authenticator: Authenticator;
};

const REPORT_CACHE_MS = 2_000;
const KEPT_REPORTS = 16; // one is a few megabytes on a full subnet

const periodParams = z.object({ period: z.union([z.literal("latest"), z.coerce.number().pipe(z.int().min(0))]) });

/** `GET /v1/models`, `/v1/models/:id`, `/v1/periods/latest`, `/v1/periods/:period` and `/health`. */
export function addPublicRoutes(app: FastifyInstance, dependencies: PublicRouteDependencies): void {
  const { routing, store, clock, authenticator } = dependencies;
  const startedAtSeconds = Math.floor(clock.nowMs() / 1000);

  const toModel = (task: Task) => ({
    id: task.id,
    object: "model",
    created: startedAtSeconds,
    owned_by: "vision",
    name: task.displayName,
    family: task.family,
    model: task.model,
    ...(task.contextTokens === undefined ? {} : { context_tokens: task.contextTokens }),
  });

  app.get("/v1/models", async (request) => {
    await authenticator.authenticate(request.headers.authorization);
    return { object: "list", data: enabledTasks(routing.registry()).map(toModel) };
  });

  app.get<{ Params: { id: string } }>("/v1/models/:id", async (request) => {
    await authenticator.authenticate(request.headers.authorization);
    const task = routing.registry().get(request.params.id);
    if (task?.isEnabled === true) return toModel(task);
    throw new ApiError({
      status: 404,
      code: "model_not_found",
      param: "model",
      message: `The model \`${request.params.id.slice(0, 128)}\` does not exist.`,
    });
  });

  const reports = new Map<string, { readonly record: EpochRecord | null; readonly atMs: number }>();
  const readReport = async (period: number | "latest"): Promise<EpochRecord | null> => {
    const cached = reports.get(String(period));
    if (cached !== undefined && clock.nowMs() - cached.atMs < REPORT_CACHE_MS) return cached.record;
    const record = await (period === "latest" ? store.getLatestEpoch() : store.getEpoch(period));
    reports.delete(String(period));
    reports.set(String(period), { record, atMs: clock.nowMs() });
    const oldest = reports.keys().next();
    if (reports.size > KEPT_REPORTS && oldest.done === false) reports.delete(oldest.value);
    return record;
  };

  app.get("/v1/periods/:period", async (request) => {
    const parsed = periodParams.safeParse(request.params);
    if (!parsed.success) {
      throw new ApiError({ status: 400, code: "invalid_request", param: "period", message: "'period' is not valid: a number, or latest." });
    }
    const record = await readReport(parsed.data.period);
    if (record !== null) return record;
    throw new ApiError({ status: 404, code: "not_found", param: "period", message: "There is no report of that period." });
  });

  // Whether the program answers; what it depends on is told by the metrics.
  app.get("/health", async () => ({ status: "ok", period: routing.currentPeriod() }));
}
