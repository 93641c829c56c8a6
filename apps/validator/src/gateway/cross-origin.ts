import type { IncomingMessage, ServerResponse } from "node:http";

/** What a page may read of an answer besides its body. */
const exposedHeaders = [
  "x-request-id",
  "retry-after",
  ...["requests", "tokens"].flatMap((what) => ["limit", "remaining", "reset"].map((part) => `x-ratelimit-${part}-${what}`)),
].join(", ");

/** A day: the longest that browsers keep the answer to a preflight request. */
const PREFLIGHT_SECONDS = 86_400;

/**
 * Lets pages of the named origins (`*`: all) use the API. Keys travel in a header that no browser adds by itself, so an answer that any
 * page may read gives nothing away.
 *
 * @returns Whether the request is a browser's question beforehand, which wants no other answer than these headers.
 */
export function allowCrossOrigin(request: IncomingMessage, response: ServerResponse, origins: readonly string[]): boolean {
  const { origin } = request.headers;
  const isAnyAllowed = origins.includes("*");
  if (!isAnyAllowed) response.setHeader("vary", "Origin");
  if (origin === undefined || !(isAnyAllowed || origins.includes(origin))) return false;
  response.setHeader("access-control-allow-origin", isAnyAllowed ? "*" : origin);
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) {
    response.setHeader("access-control-expose-headers", exposedHeaders);
    return false;
  }
  response.setHeader("access-control-allow-methods", "GET, POST, OPTIONS");
  // Clients add headers of their own (x-stainless-...), which is theirs to decide.
  response.setHeader("access-control-allow-headers", request.headers["access-control-request-headers"] ?? "authorization, content-type");
  response.setHeader("access-control-max-age", String(PREFLIGHT_SECONDS));
  return true;
}
