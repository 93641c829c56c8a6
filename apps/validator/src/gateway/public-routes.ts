import { enabledTasks, type Task } from "@vision/protocol";
import type { FastifyInstance } from "fastify";
import type { Clock, RoutingView } from "../ports/index.js";
import { ApiError } from "./api-error.js";
import type { Authenticator } from "./authenticate.js";
import { addPeriodRoutes, type PeriodRouteStore } from "./period-routes.js";

/** What the endpoints that run no model need. */
export type PublicRouteDependencies = {
  readonly routing: Pick<RoutingView, "registry" | "currentPeriod">;
  readonly store: PeriodRouteStore;
  readonly clock: Clock;
  readonly authenticator: Authenticator;
};

/** `GET /v1/models`, `/v1/models/:id`, `/health`, and those of {@link addPeriodRoutes}. */
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

  addPeriodRoutes(app, { store, clock });

  // Whether the program answers; what it depends on is told by the metrics.
  app.get("/health", async () => ({ status: "ok", period: routing.currentPeriod() }));
}
