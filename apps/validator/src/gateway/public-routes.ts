import { enabledTasks, getFamily, type MinerNames, type Task } from "@vision/protocol";
import type { FastifyInstance } from "fastify";
import type { Clock, RoutingView } from "../ports/index.js";
import { createRepresentationCache } from "./cached-representation.js";
import type { Door } from "./door.js";
import { findModel } from "./find-task.js";
import { addLiveRoutes, type LiveRouteDependencies } from "./live-routes.js";
import { createOpenApi } from "./openapi.js";
import { addPeriodRoutes, type PeriodRouteStore } from "./period-routes.js";

/** What the endpoints that run no model need. */
export type PublicRouteDependencies = {
  readonly routing: Pick<RoutingView, "registry" | "currentPeriod">;
  readonly store: PeriodRouteStore & LiveRouteDependencies["store"];
  readonly clock: Clock;
  readonly door: Pick<Door, "letKeyIn" | "letStrangerIn">;
  readonly liveView: LiveRouteDependencies["liveView"];
  readonly minerNames: Readonly<Record<string, string>>;
  readonly closing: AbortSignal;
};

/** What a user may ask a task for. A task that says nothing of a capability is taken to have it. */
function toAbilities({ family, capabilities, imageSizes }: Task) {
  const { isStreamable, hasLogprobs, mostAnswers, capabilities: askable } = getFamily(family);
  return {
    streaming: isStreamable,
    logprobs: hasLogprobs,
    largest_n: mostAnswers,
    ...Object.fromEntries(askable.map((name) => [name.replaceAll("-", "_"), capabilities?.includes(name) ?? true])),
    ...(imageSizes === undefined ? {} : { image_sizes: imageSizes }),
  };
}

/** `GET /v1/models`, `/v1/models/NAME` by task id or model, `/health`, and those of {@link addPeriodRoutes} and {@link addLiveRoutes}. */
export function addPublicRoutes(app: FastifyInstance, dependencies: PublicRouteDependencies): void {
  const { routing, store, clock, door } = dependencies;
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
    abilities: toAbilities(task),
  });

  app.get("/v1/models", { onRequest: door.letKeyIn }, async () => ({
    object: "list",
    data: enabledTasks(routing.registry()).map(toModel),
  }));

  // Names of models have slashes.
  app.get<{ Params: { "*": string } }>("/v1/models/*", { onRequest: door.letKeyIn }, async (request) =>
    toModel(findModel(routing.registry(), request.params["*"])),
  );

  addPeriodRoutes(app, { store, clock, door });
  addLiveRoutes(app, dependencies);

  const document = createRepresentationCache<"">({ kept: 1 }, { clock, read: async () => ({ json: createOpenApi() }) });
  app.get("/openapi.json", {
    onRequest: async (request) => door.letStrangerIn(request),
    async handler(request, reply) {
      await document.send("", request, reply);
      return reply;
    },
  });
  app.get(
    "/v1/names",
    { onRequest: async (request) => door.letStrangerIn(request) },
    async (): Promise<MinerNames> => ({
      names: dependencies.minerNames,
    }),
  );

  // For users of the API: whether it answers. How the program is, is told by the health routes.
  app.get("/health", async () => ({ status: "ok", period: routing.currentPeriod() }));
}
