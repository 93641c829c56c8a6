import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Clock } from "../ports/index.js";
import { addressGroup } from "./address-group.js";
import { ApiError } from "./api-error.js";
import { createRateLimiter } from "./rate-limiter.js";

const REQUESTS_PER_MINUTE = 120;
/** Of one address. */
const WRONG_PER_MINUTE = 5;

const digest = (text: string) => createHash("sha256").update(text).digest();

function tooMany(retryAfterMs: number): ApiError {
  const message = "Too many requests to the operator's addresses.";
  return new ApiError({
    status: 429,
    code: "rate_limit_exceeded",
    message,
    retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)),
  });
}

/**
 * Lets in who has the operator's token. It is compared in constant time, and an address with wrong ones is not compared any more for a
 * while.
 *
 * @param token - Undefined where the operator's addresses are switched off.
 * @returns What throws an {@link ApiError} 401, 404 or 429.
 */
export function createOperatorDoor(token: string | undefined, clock: Pick<Clock, "monotonicMs">): (request: FastifyRequest) => void {
  const expected = token === undefined ? null : digest(token);
  const limiter = createRateLimiter();
  return (request) => {
    if (expected === null) {
      const message = "The operator's addresses are switched off. Set gateway.operatorToken to use them.";
      throw new ApiError({ status: 404, code: "not_found", message });
    }
    const nowMs = clock.monotonicMs();
    const address = addressGroup(request.ip);
    const wrong = { key: `wrong ${address}`, perMinute: WRONG_PER_MINUTE };
    const all = limiter.take({ key: address, perMinute: REQUESTS_PER_MINUTE }, nowMs);
    if (!all.isAllowed) throw tooMany(all.retryAfterMs);
    const left = limiter.look(wrong, nowMs);
    if (!left.isAllowed) throw tooMany(left.retryAfterMs);
    const given = /^Bearer +(\S{1,512}) *$/i.exec(request.headers.authorization ?? "")?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    limiter.charge(wrong, nowMs);
    throw new ApiError({ status: 401, code: "invalid_api_key", message: "This is not the operator's token." });
  };
}
