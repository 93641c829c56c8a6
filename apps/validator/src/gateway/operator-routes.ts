import { randomUUID } from "node:crypto";
import { changeKeyRequestSchema, creditRequestSchema, type NewKey, newKeyRequestSchema, type OperatorReport } from "@vision/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { z } from "zod";
import { dayOf, monthOf } from "../domain/calendar.js";
import type { ApiKeyStore, Clock, Logger, SettingsStore, UsageStore } from "../ports/index.js";
import { ApiError } from "./api-error.js";
import { createApiKey } from "./api-key.js";
import { listBudgets } from "./list-budgets.js";
import { createOperatorDoor } from "./operator-door.js";
import type { UsageBook } from "./usage-book.js";
import { withinTime } from "./within-time.js";

/** What the operator's addresses work with. */
export type OperatorRouteDependencies = {
  readonly store: Pick<
    ApiKeyStore,
    "createApiKey" | "listApiKeys" | "getKeyChanges" | "changeApiKey" | "addCredit" | "endCredit" | "revokeApiKey"
  > &
    Pick<UsageStore, "getUsageByKey" | "getCharges"> &
    Pick<SettingsStore, "getSettingsChanges">;
  readonly usage: Pick<UsageBook, "flush">;
  readonly clock: Clock;
  readonly logger: Pick<Logger, "info">;
};

/** Settings of the operator's addresses; see `GatewayOptions`. */
export type OperatorOptions = { readonly operatorToken?: string | undefined; readonly settingsInForce?: string | undefined };

const SHOWN_DAYS = 30;
const SHOWN_CHANGES = 200;
const BODY_BYTES = 4_096;
const STORE_LIMIT_MS = 5_000;

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const param = issue?.path.join(".") || null;
  const message = `The body is not valid: ${param === null ? "" : `'${param}': `}${issue?.message ?? "not what is expected"}.`;
  throw new ApiError({ status: 400, code: "invalid_request", param, message });
}

function unknownKey(): ApiError {
  return new ApiError({ status: 404, code: "not_found", message: "There is no good key of that id." });
}

/**
 * What the validator's operator sees and does in a browser, with the operator's token: `GET /v1/operator` keys with what they used, the newest
 * changes of keys, the settings in force, and what starts found changed of them; `POST /v1/operator/keys` makes a key, `PATCH` and
 * `DELETE /v1/operator/keys/ID` change its limits and end it, `POST` and `DELETE /v1/operator/keys/ID/credit` add to what is paid for and say
 * that nothing need be.
 */
export function addOperatorRoutes(app: FastifyInstance, options: OperatorOptions, dependencies: OperatorRouteDependencies): void {
  const { store, usage, clock, logger } = dependencies;
  const letOperatorIn = createOperatorDoor(options.operatorToken, clock);
  const onRequest = async (request: FastifyRequest) => letOperatorIn(request);
  const settings = JSON.parse(options.settingsInForce ?? "{}") as OperatorReport["settings"];

  const byOperator = ({ ip }: FastifyRequest) => ({ who: `operator's token, from ${ip}`, nowMs: clock.nowMs() });

  async function report(): Promise<OperatorReport> {
    await usage.flush();
    const nowMs = clock.nowMs();
    const [uses, shown, changes, settingsChanges] = await Promise.all([
      store.getUsageByKey(dayOf(nowMs) - SHOWN_DAYS + 1),
      listBudgets(store, monthOf(nowMs)),
      store.getKeyChanges(SHOWN_CHANGES),
      store.getSettingsChanges(SHOWN_CHANGES),
    ]);
    const used = new Map(uses.map(({ keyId, ...use }) => [keyId, use]));
    const none = { requests: 0, errors: 0, promptTokens: 0, units: 0 };
    return {
      keys: shown.map((key) => ({ ...key, ...(used.get(key.id) ?? none) })),
      changes: [...changes],
      settings,
      settingsChanges: [...settingsChanges],
    };
  }

  void app.register(async (own) => {
    own.removeAllContentTypeParsers();
    own.addContentTypeParser("application/json", { parseAs: "string", bodyLimit: BODY_BYTES }, own.getDefaultJsonParser("error", "error"));
    own.addHook("onSend", async (_request, reply) => void reply.header("cache-control", "no-store"));
    own.get("/v1/operator", { onRequest }, () => withinTime(report(), STORE_LIMIT_MS, clock));
    own.post("/v1/operator/keys", { onRequest }, async (request, reply): Promise<NewKey> => {
      const { creditUnits = null, ...asked } = parse(newKeyRequestSchema, request.body);
      const { key, prefix, sha256Hex } = createApiKey();
      const id = randomUUID();
      await withinTime(
        store.createApiKey({ id, prefix, sha256Hex, ...asked, paidUnits: creditUnits, ...byOperator(request) }),
        STORE_LIMIT_MS,
        clock,
      );
      logger.info("The operator made an API key", { keyId: id, name: asked.name });
      reply.code(201);
      return { id, key };
    });
    own.patch<{ Params: { id: string } }>("/v1/operator/keys/:id", { onRequest }, async (request, reply) => {
      const limits = parse(changeKeyRequestSchema, request.body);
      if (!(await withinTime(store.changeApiKey(request.params.id, limits, byOperator(request)), STORE_LIMIT_MS, clock)))
        throw unknownKey();
      logger.info("The operator changed the limits of an API key", { keyId: request.params.id, ...limits });
      return reply.code(204).send();
    });
    own.post<{ Params: { id: string } }>("/v1/operator/keys/:id/credit", { onRequest }, async (request, reply) => {
      const { units, reference = null } = parse(creditRequestSchema, request.body);
      const adding = store.addCredit(request.params.id, { units, reference }, byOperator(request));
      const added = await withinTime(adding, STORE_LIMIT_MS, clock);
      if (added === "noKey") throw unknownKey();
      if (added === "added") logger.info("The operator added credit to an API key", { keyId: request.params.id, units, reference });
      return reply.code(204).send();
    });
    own.delete<{ Params: { id: string } }>("/v1/operator/keys/:id/credit", { onRequest }, async (request, reply) => {
      if (!(await withinTime(store.endCredit(request.params.id, byOperator(request)), STORE_LIMIT_MS, clock))) throw unknownKey();
      logger.info("The operator ended the credit of an API key: it needs none any more", { keyId: request.params.id });
      return reply.code(204).send();
    });
    own.delete<{ Params: { id: string } }>("/v1/operator/keys/:id", { onRequest }, async (request, reply) => {
      if (!(await withinTime(store.revokeApiKey(request.params.id, byOperator(request)), STORE_LIMIT_MS, clock))) throw unknownKey();
      logger.info("The operator revoked an API key", { keyId: request.params.id });
      return reply.code(204).send();
    });
  });
}
