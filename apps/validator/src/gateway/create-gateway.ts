import { families, isJsonTooDeep, protocolLimits, VisionError } from "@vision/protocol";
import fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import type { Exchange } from "../exchange/exchange.js";
import type { CapacityLedger, Clock, Logger, PromptCounter, RoutingView, Store, ValidatorMetrics } from "../ports/index.js";
import { ApiError, toApiError } from "./api-error.js";
import { createAuthenticator } from "./authenticate.js";
import type { PeriodRouteStore } from "./period-routes.js";
import { addPublicRoutes } from "./public-routes.js";
import { createRateLimiter } from "./rate-limiter.js";
import { createInferenceHandler } from "./serve-inference.js";

/** Settings of the gateway. */
export type GatewayOptions = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Miners that are tried for one request. */
  readonly maxAttempts: number;
  /** How long a key that was looked up is remembered, milliseconds: as long as a revoked key lives on. */
  readonly apiKeyCacheMs: number;
};

/** What the gateway works with. Nothing of it says that prober or scheduler run in the same process. */
export type GatewayDependencies = {
  readonly exchange: Exchange;
  readonly routing: RoutingView;
  readonly ledger: Pick<CapacityLedger, "budget" | "free" | "inFlight">;
  readonly store: Pick<Store, "findApiKey" | "touchApiKeys"> & PeriodRouteStore;
  readonly promptCounter: PromptCounter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<ValidatorMetrics, "gatewayRequestsTotal" | "gatewaySeconds">;
};

/** The API for users. */
export type Gateway = {
  /** Starts to listen. Returns the URL without a trailing slash. @throws {@link VisionError} `SDK_PORT_IN_USE`. */
  listen(): Promise<string>;
  /** Ends open streams, closes all connections and the port. */
  close(): Promise<void>;
  /** The server itself, to add routes before it listens. */
  readonly app: FastifyInstance;
};

function sendError(reply: FastifyReply, error: ApiError): FastifyReply {
  if (error.retryAfterSeconds !== null) reply.header("retry-after", String(error.retryAfterSeconds));
  return reply.code(error.status).send(error.body);
}

/** The OpenAI-compatible API in front of the miners. Serves what it names and nothing else. */
export function createGateway(options: GatewayOptions, dependencies: GatewayDependencies): Gateway {
  const { clock, logger, metrics } = dependencies;
  const closing = new AbortController();
  const authenticator = createAuthenticator({ cacheMs: options.apiKeyCacheMs }, dependencies);
  const rateLimiter = createRateLimiter();
  const app = fastify({
    bodyLimit: protocolLimits.requestBytes,
    forceCloseConnections: true,
    // Whole requests must come in within this time; answers may take as long as their task allows.
    requestTimeout: 60_000,
    routerOptions: { maxParamLength: 128 },
    logger: false,
  });

  app.removeContentTypeParser("text/plain");
  // The bound that miners and our own client keep as well: refused here, it is the user's mistake and nobody else's.
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, text, done) => {
    if (isJsonTooDeep(text)) done(new ApiError({ status: 400, code: "invalid_json", message: "The body is nested too deep." }));
    else void parseJson(request, text, done);
  });
  app.setErrorHandler((error, _request, reply) => {
    const apiError = VisionError.isInstance(error, "STORE_UNREACHABLE")
      ? new ApiError({
          status: 503,
          code: "overloaded",
          message: "The server's database is away. Try again shortly.",
          retryAfterSeconds: 5,
        })
      : toApiError(error);
    if (apiError.status === 500) logger.error("A request to the API failed inside", { error });
    return sendError(reply, apiError);
  });
  app.setNotFoundHandler((request, reply) =>
    sendError(
      reply,
      new ApiError({
        status: 404,
        code: "unknown_url",
        message: `Unknown request URL: ${request.method} ${request.url.split("?")[0]?.slice(0, 200)}.`,
      }),
    ),
  );

  const startedAt = new WeakMap<object, number>();
  app.addHook("onRequest", async (request, reply) => {
    startedAt.set(request.raw, clock.monotonicMs());
    // Also streams that leave fastify's own path end here.
    reply.raw.once("close", () => {
      const labels = { route: request.routeOptions.url ?? "unknown", status: String(reply.raw.statusCode) };
      metrics.gatewayRequestsTotal.inc(labels);
      metrics.gatewaySeconds.observe((clock.monotonicMs() - (startedAt.get(request.raw) ?? 0)) / 1000, labels);
    });
  });

  for (const family of families) {
    app.post(
      family.path,
      createInferenceHandler(family, options, { ...dependencies, authenticator, rateLimiter, closing: closing.signal }),
    );
  }
  addPublicRoutes(app, { ...dependencies, authenticator });

  return {
    app,
    async listen() {
      try {
        return await app.listen({ host: options.host, port: options.port });
      } catch (cause) {
        throw new VisionError({
          code: "SDK_PORT_IN_USE",
          message: `The API cannot listen on ${options.host}:${options.port}: ${cause instanceof Error ? cause.message : String(cause)}.`,
          hint: "Choose another gateway.port (--gateway-port), or stop the other program.",
          cause,
        });
      }
    },
    async close() {
      closing.abort(new Error("the gateway is closing"));
      await app.close();
      await authenticator.flush();
    },
  };
}
