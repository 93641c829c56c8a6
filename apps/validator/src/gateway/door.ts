import type { TaskFamily } from "@vision/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ApiKeyRecord } from "../domain/records/index.js";
import type { Clock, RoutingView } from "../ports/index.js";
import { addressGroup } from "./address-group.js";
import { tooManyRequests } from "./api-error.js";
import type { Authenticator, StrangerBudget } from "./authenticate.js";
import { bodyBounds } from "./body-bounds.js";
import type { KeyBudgets } from "./key-budgets.js";
import type { Admission, KeyLimits } from "./key-limits.js";
import { createRateLimiter } from "./rate-limiter.js";
import { assertReadable } from "./read-body.js";

/** What the door is told and asks. */
export type DoorDependencies = {
  readonly authenticator: Authenticator;
  readonly keyLimits: Pick<KeyLimits, "admit">;
  readonly budgets: Pick<KeyBudgets, "prepare">;
  readonly routing: Pick<RoutingView, "registry">;
  readonly clock: Pick<Clock, "monotonicMs">;
};

/** Decides from a request's headers whether it comes in; nothing of a body is read before. */
export type Door = {
  /** For what needs no key: limited by address. @throws {@link ApiError} 429. */
  letStrangerIn(request: FastifyRequest): void;
  /** For what needs a key and costs nothing. @throws {@link ApiError} 401, 429 or 503. */
  letKeyIn(request: FastifyRequest): Promise<void>;
  /** For an inference request: key, the key's limits and budget, the size that it announces. @throws {@link ApiError} 401, 413, 415, 429 or 503. */
  letRequestIn(request: FastifyRequest, reply: FastifyReply, family: TaskFamily): Promise<void>;
  /** The key of a request that {@link Door.letKeyIn} or {@link Door.letRequestIn} let in. */
  keyOf(request: FastifyRequest): ApiKeyRecord;
  /** Whether the sender's key is good, whatever became of the request. */
  isKnown(request: FastifyRequest): boolean;
  /** What {@link Door.letRequestIn} found. */
  admissionOf(request: FastifyRequest): Admission;
};

/** OpenAI's clients send a key as `Authorization: Bearer`, Anthropic's as `x-api-key`. */
function authorizationOf({ headers }: FastifyRequest): string | undefined {
  const key = headers["x-api-key"];
  return headers.authorization ?? (typeof key === "string" ? `Bearer ${key}` : undefined);
}

/** The door of the API. */
export function createDoor(options: { readonly strangerRequestsPerMinute: number }, dependencies: DoorDependencies): Door {
  const { authenticator, keyLimits, budgets, routing, clock } = dependencies;
  const strangers = createRateLimiter();
  const admissions = new WeakMap<object, Admission>();
  const known = new WeakMap<object, ApiKeyRecord>();

  const budgetOf = (request: FastifyRequest): StrangerBudget => {
    const share = { key: addressGroup(request.ip), perMinute: options.strangerRequestsPerMinute };
    return {
      take() {
        const { isAllowed, retryAfterMs } = strangers.take(share, clock.monotonicMs());
        if (isAllowed) return;
        throw tooManyRequests("Too many requests without a good API key from this address.", retryAfterMs);
      },
      giveBack: () => strangers.charge({ ...share, units: -1 }, clock.monotonicMs()),
    };
  };

  return {
    letStrangerIn: (request) => budgetOf(request).take(),
    async letKeyIn(request) {
      known.set(request.raw, await authenticator.authenticate(authorizationOf(request), budgetOf(request)));
    },
    async letRequestIn(request, reply, family) {
      const key = await authenticator.authenticate(authorizationOf(request), budgetOf(request));
      known.set(request.raw, key);
      await budgets.prepare(key);
      const { admission, headers } = keyLimits.admit(key);
      admissions.set(request.raw, admission);
      for (const [name, value] of Object.entries(headers)) reply.raw.setHeader(name, value);
      const end = () => admission.end({ hasLeft: !reply.raw.writableFinished });
      // Who left while the key was looked up leaves no second time.
      if (request.raw.socket.destroyed) end();
      else reply.raw.once("close", end);
      assertReadable(request.raw, bodyBounds(routing.registry(), family));
      if (/^100-continue$/i.test(request.headers.expect ?? "")) reply.raw.writeContinue();
    },
    keyOf(request) {
      const key = known.get(request.raw);
      if (key === undefined) throw new TypeError("the request did not come in through the door with a key");
      return key;
    },
    isKnown: (request) => known.has(request.raw),
    admissionOf(request) {
      const admission = admissions.get(request.raw);
      if (admission === undefined) throw new TypeError("the request did not come in through the door");
      return admission;
    },
  };
}
