import { getFamily, type UsageReport } from "@vision/protocol";
import type { FastifyInstance } from "fastify";
import { DAY_MS, dayOf, monthOf, startOfMonth } from "../domain/calendar.js";
import type { KeyUsage } from "../domain/records/index.js";
import type { Clock, RoutingView, UsageStore } from "../ports/index.js";
import { tooManyRequests } from "./api-error.js";
import type { Door } from "./door.js";
import { createRateLimiter } from "./rate-limiter.js";
import type { UsageBook } from "./usage-book.js";
import { withinTime } from "./within-time.js";

/** What usage is read with. */
export type UsageRouteDependencies = {
  readonly store: Pick<UsageStore, "getUsage" | "getCharges">;
  readonly usage: Pick<UsageBook, "flush">;
  readonly routing: Pick<RoutingView, "registry">;
  readonly clock: Clock;
  readonly door: Pick<Door, "letKeyIn" | "keyOf">;
};

const SHOWN_DAYS = 90;
const LOOKS_PER_MINUTE = 30;
const READ_LIMIT_MS = 2_000;

/** Rows as they are shown, newest day first. */
function toRows(uses: readonly KeyUsage[], registry: ReturnType<RoutingView["registry"]>): UsageReport["rows"] {
  const sorted = [...uses].sort((a, b) => b.day - a.day || (a.taskId < b.taskId ? -1 : 1));
  return sorted.map(({ day, taskId, requests, errors, promptTokens, units }) => {
    const task = registry.get(taskId);
    return {
      day: new Date(day * DAY_MS).toISOString().slice(0, 10),
      ...{ taskId, requests, errors, promptTokens, units },
      workUnit: task === undefined ? null : getFamily(task.family).workUnit,
    };
  });
}

/** `GET /v1/usage`: what the key that asks has used in the last 90 days, by day and task, its limits and what is left of its budget. */
export function addUsageRoutes(app: FastifyInstance, dependencies: UsageRouteDependencies): void {
  const { store, usage, routing, clock, door } = dependencies;
  const limiter = createRateLimiter();
  app.get("/v1/usage", { onRequest: door.letKeyIn }, async (request): Promise<UsageReport> => {
    const { id, name, prefix, requestsPerMinute, tokensPerMinute, concurrentRequests, monthlyUnits, paidUnits } = door.keyOf(request);
    const { isAllowed, retryAfterMs } = limiter.take({ key: id, perMinute: LOOKS_PER_MINUTE }, clock.monotonicMs());
    if (!isAllowed) throw tooManyRequests(`A key may read its usage ${LOOKS_PER_MINUTE} times a minute.`, retryAfterMs);
    const month = monthOf(clock.nowMs());
    const read = async () => {
      await usage.flush();
      return Promise.all([store.getUsage(id, dayOf(clock.nowMs()) - SHOWN_DAYS + 1), store.getCharges([id], month)]);
    };
    const [uses, [charges]] = await withinTime(read(), READ_LIMIT_MS, clock);
    return {
      key: { name, prefix, requestsPerMinute, tokensPerMinute, concurrentRequests },
      budget: {
        ...{ monthlyUnits, chargedThisMonthUnits: charges?.monthUnits ?? 0, renewsAtMs: startOfMonth(month + 1) },
        creditLeftUnits: paidUnits === null ? null : paidUnits - (charges?.totalUnits ?? 0),
      },
      rows: toRows(uses, routing.registry()),
    };
  });
}
