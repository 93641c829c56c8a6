import { getFamily } from "@vision/protocol";
import type { ExchangeResult } from "../exchange/exchange.js";
import { ApiError } from "./api-error.js";
import type { UserPresenter } from "./endpoints/endpoint.js";
import { runWithFailover, type ServedRequest } from "./run-with-failover.js";
import type { ServingDependencies, UserRequest } from "./user-request.js";

/** How a user's request ended. */
export type WholeAnswer =
  | {
      readonly kind: "answered";
      /** Of the miner that ended it. */
      readonly result: ExchangeResult;
      readonly presenter: UserPresenter;
      /** Work units that other miners delivered before it; 0 where one answered alone. */
      readonly earlierUnits: number;
    }
  | {
      readonly kind: "broken";
      readonly presenter: UserPresenter;
      /** Work units that the user has of it. */
      readonly shownUnits: number;
    };

/**
 * Gets a user's answer. Where a streamed one breaks off or stalls half-way, another miner is asked to go on where it ended, by the text
 * so far, so that the user reads one answer; as often as another miner may be tried at all. Each part is a request of its own, timed, checked
 * and paid for itself. What cannot be continued stays broken: nothing is ever appended that does not belong to it.
 *
 * @throws {@link ApiError} as {@link runWithFailover}, while the user has seen nothing.
 */
export async function runUntilWhole(user: UserRequest, dependencies: ServingDependencies): Promise<WholeAnswer> {
  const { task } = user;
  const { metrics } = dependencies;
  let asked = user;
  let served = await runWithFailover(asked, dependencies);
  let earlierUnits = served.kind === "broken" ? served.shownUnits : 0;
  for (let left = user.routingOptions.maxAttempts - 1; served.kind === "broken" && left > 0; left -= 1) {
    const rest = restOf(asked, served);
    if (rest === null) break;
    asked = rest.user;
    const next: ServedRequest | null = await runWithFailover(asked, dependencies).catch((error: unknown) => {
      if (error instanceof ApiError) return null;
      throw error;
    });
    metrics.gatewayContinuationsTotal.inc({ task: task.id, outcome: next?.kind ?? "unanswered" });
    if (next === null) break;
    served = next;
    if (served.kind === "broken") earlierUnits += served.shownUnits;
  }
  const { presenter } = served;
  if (served.kind === "answered") return { kind: "answered", result: served.result, presenter, earlierUnits };
  return { kind: "broken", presenter, shownUnits: earlierUnits };
}

/** What another miner is asked after one broke off; null where the user is gone or the answer cannot be continued. */
function restOf(asked: UserRequest, { presenter, begun, asked: tried }: Extract<ServedRequest, { kind: "broken" }>) {
  const { task, request, signal } = asked;
  if (begun === null || signal.aborted) return null;
  const family = getFamily(task.family);
  const rest = family.continueAnswer(request, begun);
  if (rest === null || family.findUnsupported(rest, task) !== null) return null;
  const failed = new Set([...(asked.continued?.failed ?? []), ...tried]);
  return { user: { ...asked, request: rest, createPresenter: () => presenter, continued: { failed } } };
}
