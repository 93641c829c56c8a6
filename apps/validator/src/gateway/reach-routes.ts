import { networkInterfaces } from "node:os";
import { REACH_PATH, type ReachReport, reachRequestSchema } from "@vision/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { toReachableEndpoint } from "../domain/endpoint.js";
import type { CallBack, Clock } from "../ports/index.js";
import { addressGroup } from "./address-group.js";
import { ApiError, tooManyRequests } from "./api-error.js";
import type { Door } from "./door.js";
import { createRateLimiter } from "./rate-limiter.js";

/** Whose ports are tried, and how often. */
export type ReachOptions = {
  /** Connections back in a minute, to all senders together; 0 switches the address off. */
  readonly callBacksPerMinute: number;
  /** Where the API is published. */
  readonly announce?: { readonly host: string } | undefined;
  /** Whether senders on loopback and private addresses are connected to; for development only. */
  readonly arePrivateEndpointsAllowed: boolean;
};

/** What the route works with. */
export type ReachRouteDependencies = {
  readonly callBack: CallBack;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly door: Pick<Door, "letStrangerIn">;
  readonly closing: AbortSignal;
};

const LIMIT_MS = 5_000;
const PER_ADDRESS_PER_MINUTE = 6;
/** At a time: each holds a socket for as long as the limit. */
const MOST_UNDER_WAY = 16;
const BODY_BYTES = 1_024;
const RETRY_MS = 5_000;

/**
 * `POST /v1/reach`: connects back to the sender's own address, at the port that its body names, and tells what it saw (`reachReportSchema`).
 * For operators who want to know how they are seen from outside. No other address is ever tried, so that it serves nobody to look into
 * another's network, nor into the validator's; one that is not public, or this machine's own, only where `arePrivateEndpointsAllowed`.
 */
export function addReachRoutes(app: FastifyInstance, options: ReachOptions, dependencies: ReachRouteDependencies): void {
  const { callBack, clock, door, closing } = dependencies;
  const limiter = createRateLimiter();
  let underWay = 0;

  /** Behind some translations of addresses every sender seems to be this machine, whose ports are nobody's business. */
  function isOwn(host: string): boolean {
    if (options.arePrivateEndpointsAllowed) return false;
    return (
      host === options.announce?.host || Object.values(networkInterfaces()).some((own) => own?.some(({ address }) => address === host))
    );
  }

  function takeShare(ip: string): void {
    const own = { key: addressGroup(ip), perMinute: PER_ADDRESS_PER_MINUTE };
    // No address's group has such a name.
    const all = { key: "all", perMinute: options.callBacksPerMinute };
    const nowMs = clock.monotonicMs();
    for (const share of [own, all]) {
      const { isAllowed, retryAfterMs } = limiter.look(share, nowMs);
      if (isAllowed) continue;
      const who = share === own ? "of this address" : "at the moment";
      throw tooManyRequests(`Too many ask to be connected to ${who}.`, retryAfterMs);
    }
    if (underWay >= MOST_UNDER_WAY) throw tooManyRequests("Too many ask to be connected to at the moment.", RETRY_MS);
    for (const share of [own, all]) limiter.take(share, nowMs);
  }

  async function answer(request: FastifyRequest): Promise<ReachReport> {
    const parsed = reachRequestSchema.safeParse(request.body);
    if (!parsed.success) {
      const message = 'The body must be {"port": NUMBER}, from 1 to 65535.';
      throw new ApiError({ status: 400, code: "invalid_request", param: "port", message });
    }
    const { port } = parsed.data;
    takeShare(request.ip);
    const place = toReachableEndpoint({ host: request.ip, port }, options.arePrivateEndpointsAllowed);
    if (place === null || isOwn(place.host))
      return { address: null, port, tcp: "notTried", tls: "notTried", certificateSha256Hex: null, durationMs: 0 };
    const startedAtMs = clock.monotonicMs();
    underWay += 1;
    try {
      const seen = await callBack(place, { limitMs: LIMIT_MS, signal: closing });
      return { address: place.host, port, ...seen, durationMs: clock.monotonicMs() - startedAtMs };
    } finally {
      underWay -= 1;
    }
  }

  async function letIn(request: FastifyRequest): Promise<void> {
    door.letStrangerIn(request);
    if (options.callBacksPerMinute > 0) return;
    throw new ApiError({ status: 403, code: "not_offered", message: "This validator connects back to nobody." });
  }

  void app.register(async (own) => {
    own.removeAllContentTypeParsers();
    own.addContentTypeParser("application/json", { parseAs: "string", bodyLimit: BODY_BYTES }, own.getDefaultJsonParser("error", "error"));
    own.post(REACH_PATH, { onRequest: letIn }, answer);
  });
}
