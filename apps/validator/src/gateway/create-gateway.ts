import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { Tracer } from "@vision/program";
import type { Random } from "@vision/scoring/probing";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { createAddressMatcher } from "../domain/address-range.js";
import type { Exchange } from "../exchange/exchange.js";
import type {
  ApiKeyStore,
  CallBack,
  CapacityLedger,
  Clock,
  FetchFile,
  Health,
  HeldTimes,
  HoldMeter,
  LiveView,
  Logger,
  PageFiles,
  PromptCounter,
  RoutingView,
  SharedRequestStore,
  UsageSpool,
  UsageStore,
  ValidatorMetrics,
  VerdictSigner,
} from "../ports/index.js";
import { addressGroup } from "./address-group.js";
import { answerParserError } from "./answer-parser-error.js";
import { ApiError, toApiError } from "./api-error.js";
import { createAuthenticator } from "./authenticate.js";
import { bodyBounds } from "./body-bounds.js";
import { boundConnections } from "./bound-connections.js";
import { allowCrossOrigin } from "./cross-origin.js";
import { createDoor } from "./door.js";
import { endpoints, findEndpoint } from "./endpoints/index.js";
import { ALIVE_PATH, addHealthRoutes } from "./health-routes.js";
import { createHeavySenders } from "./heavy-senders.js";
import { createHedges } from "./hedges.js";
import { createImageLinks } from "./image-links.js";
import { addImageRoutes } from "./image-routes.js";
import { createKeyBudgets } from "./key-budgets.js";
import { createKeyLimits, type KeyLimits } from "./key-limits.js";
import { createKeyUses } from "./key-uses.js";
import { listenError } from "./listen-error.js";
import { createOpenAnswers } from "./open-answers.js";
import { addOperatorRoutes, type OperatorRouteDependencies } from "./operator-routes.js";
import { addPageRoutes } from "./page-routes.js";
import { createPictureFetcher } from "./picture-fetcher.js";
import { addPublicRoutes, type PublicRouteDependencies } from "./public-routes.js";
import { addReachRoutes } from "./reach-routes.js";
import { createBodyReader } from "./read-body.js";
import { requestIdOf } from "./request-id.js";
import { createRequestLog } from "./request-log.js";
import { addRequestRoutes, type RequestRouteDependencies } from "./request-routes.js";
import { createRequestTraces } from "./request-traces.js";
import { createInferenceHandler } from "./serve-inference.js";
import { createSharedBook } from "./shared-book.js";
import { createUsageBook } from "./usage-book.js";
import { addUsageRoutes, type UsageRouteDependencies } from "./usage-routes.js";
import { UNREAD_LIMIT_MS } from "./user-connection.js";
import { addVerdictRoutes, type VerdictRouteDependencies } from "./verdict-routes.js";
import { STORE_LIMIT_MS, withinTime } from "./within-time.js";

/** Settings of the gateway. */
export type GatewayOptions = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Miners that are tried for one request. */
  readonly maxAttempts: number;
  /** How many times the least load of all a conversation's own miner may have, to be asked all the same; 1 for no miners of their own. */
  readonly affinityFactor: number;
  /** Share of requests for which a second miner may be asked because the first token is late; 0 for none. */
  readonly hedgeFraction: number;
  /** How long a key that was looked up is remembered, milliseconds: as long as a revoked key lives on. */
  readonly apiKeyCacheMs: number;
  /** Origins of pages that may use the API; `*` for all. */
  readonly corsOrigins: readonly string[];
  /** What the page calls miners, by hotkey. */
  readonly minerNames: Readonly<Record<string, string>>;
  /** Ranges of addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Connections of one address that is no trusted proxy. */
  readonly maxConnectionsPerAddress: number;
  /** Requests without a good key, and to public addresses, that one address may make in a minute. */
  readonly strangerRequestsPerMinute: number;
  /** Connections back in a minute to all who ask to be tried, see `POST /v1/reach`; 0 for none. */
  readonly callBacksPerMinute: number;
  /** Names of hosts that pictures are fetched from, where a body names one by address. */
  readonly pictureHosts: readonly string[];
  /** Where the chain says that the API is, if it says so. */
  readonly announce?: { readonly host: string } | undefined;
  /** Whether those on loopback and private addresses are connected to; for development only. */
  readonly arePrivateEndpointsAllowed: boolean;
  /** Under which users reach the API; left out: as a request's Host says. */
  readonly publicUrl?: string | undefined;
  /** How long a stream may stay silent before its user is sent a comment, and with the first one the answer's head, milliseconds. */
  readonly keepAliveMs: number;
  /** Opens the operator's addresses; left out: they are switched off. */
  readonly operatorToken?: string | undefined;
  /** The settings in force as JSON, secrets hidden, for the operator. */
  readonly settingsInForce?: string | undefined;
  /** Longest that answers under way may take when the gateway is told to stop, milliseconds; left out: as long as each of them may take. */
  readonly drainMs?: number | undefined;
};

/** What the gateway works with. Nothing of it says that prober or scheduler run in the same process. */
export type GatewayDependencies = {
  readonly exchange: Exchange;
  readonly routing: RoutingView;
  readonly ledger: Pick<CapacityLedger, "budget" | "free" | "freeFraction" | "inFlight">;
  readonly liveView: LiveView;
  readonly page: PageFiles;
  readonly store: Pick<ApiKeyStore, "findApiKey" | "touchApiKeys"> &
    PublicRouteDependencies["store"] &
    VerdictRouteDependencies["store"] &
    RequestRouteDependencies["store"] &
    UsageRouteDependencies["store"] &
    OperatorRouteDependencies["store"] &
    Pick<UsageStore, "addUsage" | "getCharges"> &
    Pick<SharedRequestStore, "addSharedRequests">;
  /** Keeps what keys used where the gateway ends while the store is away; null, or left out, where it is forgotten then. */
  readonly usageSpool?: UsageSpool | null;
  readonly verdicts: VerdictSigner;
  readonly callBack: CallBack;
  readonly fetchFile: FetchFile;
  readonly promptCounter: PromptCounter;
  /** Draws the miners that are compared. */
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<
    ValidatorMetrics,
    "gatewayRequestsTotal" | "gatewaySeconds" | "gatewayHedgesTotal" | "gatewayContinuationsTotal" | "gatewayConnectionsRefusedTotal"
  >;
  readonly health: () => Health;
  /** Whether too little is known of the core to serve anybody by; left out where it runs in the same process. */
  readonly isCutOff?: () => boolean;
  /** Traces requests that are let in; null, or left out, where traces are off. */
  readonly tracer?: Tracer | null;
  /** Where it books on senders' addresses what reading their requests costs; left out where nobody watches the loop. */
  readonly heldTimes?: HeldTimes;
};

/** The API for users. */
export type Gateway = {
  /** Starts to listen. Returns the URL without a trailing slash. @throws {@link VisionError} `VALIDATOR_CANNOT_LISTEN`. */
  listen(): Promise<string>;
  /** Refuses new requests with 503 and waits for the answers under way. What is left after `drainMs` is cut by {@link Gateway.close}. */
  drain(): Promise<void>;
  /** Ends open streams, closes all connections and the port. */
  close(): Promise<void>;
  /** A sender's requests made the gateway's loop stand still: after another time it has to wait. */
  noteStandstill(sender: string): void;
  /** Leaves what keys used and is not written for the next process; for one that ends by a fault. */
  keepUsage(): void;
  /** What keys use here and at other gateways. */
  readonly keyUses: Pick<KeyLimits, "ownUses" | "noteOthers">;
  /** The server itself, to add routes before it listens. */
  readonly app: FastifyInstance;
};

const MAX_CONNECTIONS = 10_000;
/** A restart takes about as long. */
const RESTART_SECONDS = 10;
/** A request's head and the whole of it must come in within these times; answers may take as long as their task allows. */
const HEAD_LIMIT_MS = 10_000;
const REQUEST_LIMIT_MS = 60_000;
/**
 * What is left of a refused body is thrown away up to this size, so that the sender reads the refusal and can use the connection again.
 * Above, the connection is closed at once, and whoever is still sending may not see why.
 */
const DRAINED_BYTES = { ofStrangers: 16 * 1024, ofKnown: 1024 * 1024 };

/** Where nobody watches the loop. */
const UNMEASURED: Pick<HoldMeter, "measure" | "measureTurn"> = { measure: (run) => run(), measureTurn: (run) => run() };

function isMoreThanPending({ raw }: FastifyRequest, bytes: number): boolean {
  if (raw.complete) return false;
  return raw.headers["transfer-encoding"] !== undefined || Number(raw.headers["content-length"] ?? 0) > bytes;
}

function unknownUrl({ method, url }: FastifyRequest): ApiError {
  const message = `Unknown request URL: ${method} ${url.split("?")[0]?.slice(0, 200)}.`;
  return new ApiError({ status: 404, code: "unknown_url", message });
}

function noForm(): ApiError {
  const message = "Send the body as JSON, with Content-Type: application/json.";
  return new ApiError({ status: 415, code: "unsupported_media_type", message });
}

/** The OpenAI-compatible API in front of the miners. Serves what it names and nothing else. */
export function createGateway(options: GatewayOptions, dependencies: GatewayDependencies): Gateway {
  const { clock, logger, metrics, routing } = dependencies;
  const closing = new AbortController();
  // Every request under way listens to it.
  setMaxListeners(0, closing.signal);
  const isTrustedProxy = createAddressMatcher(options.trustedProxies);
  const authenticator = createAuthenticator({ cacheMs: options.apiKeyCacheMs }, dependencies);
  const usage = createUsageBook({
    ...{ store: dependencies.store, clock, logger, closing: closing.signal },
    spool: dependencies.usageSpool ?? null,
  });
  const keyUses = createKeyUses();
  const budgets = createKeyBudgets({ store: dependencies.store, usage, clock, openElsewhere: keyUses.openElsewhere });
  const keyLimits = createKeyLimits({ clock, uses: keyUses, budgets });
  const door = createDoor(options, { authenticator, keyLimits, budgets, routing, clock });
  const heavySenders = createHeavySenders(clock);
  const workOf = ({ ip }: FastifyRequest): Pick<HoldMeter, "measure" | "measureTurn"> =>
    dependencies.heldTimes?.meter(addressGroup(ip)) ?? UNMEASURED;
  const openAnswers = createOpenAnswers();
  const sendError = (request: FastifyRequest, reply: FastifyReply, error: ApiError) => {
    const drainedBytes = door.isKnown(request) ? DRAINED_BYTES.ofKnown : DRAINED_BYTES.ofStrangers;
    if (isMoreThanPending(request, drainedBytes)) reply.header("connection", "close");
    return reply
      .headers(error.headers)
      .code(error.status)
      .send(findEndpoint(request.routeOptions.url)?.errorBody(error.body) ?? error.body);
  };
  const countRefused = (reason: string) => metrics.gatewayConnectionsRefusedTotal.inc({ reason });
  const links = createImageLinks({ secret: randomBytes(32), clock });
  const fetchPicture = createPictureFetcher(options, { fetchFile: dependencies.fetchFile, closing: closing.signal });
  const hedges = createHedges(options.hedgeFraction);
  const requestLog = createRequestLog();
  const sharedBook = createSharedBook({ store: dependencies.store, clock, logger, closing: closing.signal });
  const { tracer = null } = dependencies;
  const traces = tracer === null ? null : createRequestTraces(tracer);
  /** A database that is silent must not take the time in which the rest can be kept. */
  const write = (...books: readonly { flush(): Promise<void> }[]) =>
    Promise.all(books.map((book) => withinTime(book.flush(), STORE_LIMIT_MS, clock).catch(() => undefined)));
  let isDraining = false;
  const app = fastify({
    forceCloseConnections: true,
    return503OnClosing: false,
    requestTimeout: REQUEST_LIMIT_MS,
    // Node would answer who names no host in a shape of its own.
    http: { headersTimeout: HEAD_LIMIT_MS, connectionsCheckingInterval: HEAD_LIMIT_MS / 2, requireHostHeader: false },
    routerOptions: { maxParamLength: 512 },
    trustProxy: (address) => isTrustedProxy(address),
    genReqId: requestIdOf,
    clientErrorHandler(error, socket) {
      const reason = answerParserError(error, socket, openAnswers.isAnswering(socket));
      if (reason !== null) countRefused(reason);
    },
    frameworkErrors: (_error, request, reply) => void sendError(request, reply, unknownUrl(request)),
    logger: false,
  });
  // A user may close its side once its request is sent. Node knows the switch since ever and documents it nowhere; a test holds it to it.
  Object.assign(app.server, { httpAllowHalfOpen: true });
  boundConnections(app.server, {
    total: MAX_CONNECTIONS,
    perAddress: options.maxConnectionsPerAddress,
    isTrustedProxy,
    onRefused: countRefused,
  });
  // Who asks whether its body is wanted is told by the door.
  app.server.on("checkContinue", (request, response) => app.routing(request, response));
  // Any other expectation may be passed over; Node would refuse it without a word.
  app.server.on("checkExpectation", (request, response) => app.routing(request, response));

  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser("error", "error");
  const bodies = createBodyReader();
  app.addContentTypeParser("application/json", async (request: FastifyRequest) => {
    const endpoint = findEndpoint(request.routeOptions.url);
    if (endpoint === null) throw unknownUrl(request);
    const work = workOf(request);
    const text = await bodies.readJson(request.raw, { bounds: bodyBounds(routing.registry(), endpoint.family), work });
    return new Promise((resolve, reject) => {
      work.measure(() => void parseJson(request, text, (error, body) => (error === null ? resolve(body) : reject(error))));
    });
  });
  app.addContentTypeParser("multipart/form-data", async (request: FastifyRequest) => {
    const endpoint = findEndpoint(request.routeOptions.url);
    if (endpoint === null) throw unknownUrl(request);
    if (endpoint.readForm === undefined) throw noForm();
    const bounds = bodyBounds(routing.registry(), endpoint.family);
    return endpoint.readForm(await bodies.readForm(request.raw, { bounds, work: workOf(request) }));
  });
  app.setErrorHandler((error, request, reply) => {
    const apiError = toApiError(error);
    if (apiError.status === 500) logger.error("A request to the API failed inside", { requestId: request.id, error });
    return sendError(request, reply, apiError);
  });
  app.setNotFoundHandler((request, reply) => sendError(request, reply, unknownUrl(request)));

  app.addHook("onRequest", async (request, reply) => {
    const { raw } = reply;
    const startedAtMs = clock.monotonicMs();
    openAnswers.add(request.raw.socket, raw);
    raw.setHeader("x-request-id", request.id);
    // Also streams that leave fastify's own path end here.
    raw.once("close", () => {
      const route = request.routeOptions.url ?? "unknown";
      const labels = { route, status: String(raw.statusCode) };
      const durationMs = clock.monotonicMs() - startedAtMs;
      metrics.gatewayRequestsTotal.inc(labels);
      metrics.gatewaySeconds.observe(durationMs / 1000, labels);
      logger.debug("A request to the API ended", { requestId: request.id, ...labels, durationMs });
    });
    if (request.raw.headers.host === undefined && request.raw.httpVersion === "1.1") {
      throw new ApiError({ status: 400, code: "invalid_http", message: "The request names no Host." });
    }
    if (allowCrossOrigin(request.raw, raw, options.corsOrigins)) return reply.code(204).send();
    if (isDraining && request.routeOptions.url !== ALIVE_PATH) {
      reply.header("connection", "close");
      const message = "The server is about to stop. Try again shortly.";
      throw new ApiError({ status: 503, code: "overloaded", message, retryAfterSeconds: RESTART_SECONDS });
    }
    if (dependencies.isCutOff?.() === true && request.routeOptions.url !== ALIVE_PATH) {
      const message = "The validator behind this server does not answer. Try again shortly.";
      throw new ApiError({ status: 503, code: "overloaded", message, retryAfterSeconds: RESTART_SECONDS });
    }
    heavySenders.assertWelcome(request);
    if (request.is404) {
      door.letStrangerIn(request);
      throw unknownUrl(request);
    }
    return undefined;
  });
  app.addHook("onSend", async (_request, reply) => {
    reply.raw.setTimeout(UNREAD_LIMIT_MS);
  });

  for (const endpoint of endpoints) {
    app.post(
      endpoint.path,
      {
        async onRequest(request, reply) {
          const startedAtMs = clock.nowMs();
          await door.letRequestIn(request, reply, endpoint.family);
          traces?.begin(request, reply, startedAtMs);
        },
      },
      createInferenceHandler(endpoint, options, {
        ...dependencies,
        hedges,
        links,
        fetchPicture,
        ...{ requestLog, usage, sharedBook, traces },
        workOf,
        admissionOf: door.admissionOf,
        closing: closing.signal,
      }),
    );
  }
  addPublicRoutes(app, { ...dependencies, door, minerNames: options.minerNames, closing: closing.signal });
  addImageRoutes(app, { links, door });
  addVerdictRoutes(app, { ...dependencies, door });
  addReachRoutes(app, options, { ...dependencies, door, closing: closing.signal });
  addRequestRoutes(app, { ...dependencies, door, requestLog });
  addUsageRoutes(app, { ...dependencies, door, usage });
  addOperatorRoutes(app, options, { ...dependencies, usage });
  addHealthRoutes(app, dependencies.health);
  addPageRoutes(app, { page: dependencies.page, door });

  return {
    app,
    keyUses: keyLimits,
    keepUsage: () => usage.keep(),
    noteStandstill: (sender) => heavySenders.note(sender),
    async listen() {
      try {
        return await app.listen({ host: options.host, port: options.port });
      } catch (cause) {
        throw listenError({ name: "The API", section: "gateway", host: options.host, port: options.port }, cause);
      }
    },
    async drain() {
      isDraining = true;
      const count = keyLimits.underWay();
      if (count === 0) return;
      logger.info("The API takes no more requests and finishes the answers under way", { count, drainMs: options.drainMs ?? null });
      const done = new AbortController();
      const limit = options.drainMs === undefined ? [] : [clock.sleep(options.drainMs, done.signal)];
      await Promise.race([keyLimits.idle(), ...limit]);
      done.abort();
      const cut = keyLimits.underWay();
      if (cut > 0) logger.warn("Answers are cut off: they took longer than gateway.drainMs", { count: cut });
    },
    async close() {
      isDraining = true;
      closing.abort(new Error("the gateway is closing"));
      await app.close();
      await Promise.all([write(authenticator, usage, sharedBook), tracer?.close()]);
      usage.keep();
    },
  };
}
