import { type AnswerIdentity, type AnswerPart, type AnswerPresenter, encodeEventText, getFamily, type Task } from "@vision/protocol";
import { leastUnits } from "../domain/default-output-tokens.js";
import type { Exchange, ExchangeResult, Refusal } from "../exchange/exchange.js";
import type { CapacityLedger, RoutingView } from "../ports/index.js";
import { ApiError } from "./api-error.js";
import { selectCandidates } from "./select-candidates.js";

/** What a user's request is served with. */
export type ServingDependencies = {
  readonly exchange: Exchange;
  readonly routing: Pick<RoutingView, "registry" | "candidates">;
  readonly ledger: Pick<CapacityLedger, "budget" | "free" | "inFlight">;
};

/** One user's request. */
export type UserRequest = {
  readonly task: Task;
  readonly identity: AnswerIdentity;
  readonly maxAttempts: number;
  readonly signal: AbortSignal;
  /** Given the encoded events of a streamed answer, from the first one that a user sees something of; awaited. Left out: nothing is streamed. */
  readonly send?: (event: string) => Promise<void>;
};

/** How it ended: an answer, or a miner's failure after something was sent. */
export type ServedRequest =
  | { readonly kind: "answered"; readonly result: ExchangeResult; readonly presenter: AnswerPresenter }
  | { readonly kind: "broken"; readonly result: ExchangeResult };

/** Miners whose word it takes that a request is not valid: one may be wrong, or shirk. */
const REFUSALS_ENOUGH = 2;

/**
 * Asks the best miner, and the next one when it fails before the user has seen anything of an answer. Opening events without content are
 * held back until then, so that a miner which only opens a stream does not bind the user to it.
 *
 * One miner's word that a request is not valid is not enough: another one is asked. If that one answers, the refusal counts against the first;
 * if it refuses too, the user is told, no third is asked, and no miner is blamed for a user's mistake.
 *
 * @throws {@link ApiError} 503 `no_capacity` when no miner has room, 400 `invalid_request` when miners refused the request as not valid or none could ever
 *   take so large a one, 502 `backend_failed` when all that were tried failed.
 */
export async function runWithFailover(user: UserRequest, dependencies: ServingDependencies): Promise<ServedRequest> {
  const refusals: Refusal[] = [];
  try {
    const served = await tryMiners(user, dependencies, refusals);
    if (served.kind === "answered") for (const refusal of refusals) refusal.settle("miner");
    return served;
  } finally {
    for (const refusal of refusals) refusal.settle("nobody");
  }
}

/** Refuses what would have to wait for ever. Without any budget the task has no miners at the moment, which may change. */
function assertCanEverFit(task: Task, units: number, largestBudgetUnits: number): void {
  if (largestBudgetUnits <= 0 || units <= largestBudgetUnits) return;
  const { workUnit } = getFamily(task.family);
  throw new ApiError({
    status: 400,
    code: "invalid_request",
    message: `The request may take ${units} ${workUnit}; no miner of ${task.id} offers more than ${Math.floor(largestBudgetUnits)} in a whole period. Ask for less.`,
  });
}

const RETRY_SECONDS = 2;
const LONGEST_RETRY_SECONDS = 60;

/** When the first of the miners that are full says that it has room again; soon, where none of them says. */
function retryAfterSeconds(failures: readonly ExchangeResult[]): number {
  const said = failures.flatMap(({ retryAfterMs }) => (retryAfterMs === null ? [] : [Math.ceil(retryAfterMs / 1000)]));
  return said.length === 0 ? RETRY_SECONDS : Math.min(LONGEST_RETRY_SECONDS, Math.max(1, Math.min(...said)));
}

async function tryMiners(user: UserRequest, dependencies: ServingDependencies, refusals: Refusal[]): Promise<ServedRequest> {
  const { task, identity, signal } = user;
  const units = leastUnits(task, identity.request);
  const serving = dependencies.routing.candidates(task.id);
  assertCanEverFit(task, units, Math.max(0, ...serving.map(({ target }) => dependencies.ledger.budget(target.hotkey, task.id))));
  const candidates = selectCandidates(serving, dependencies.ledger, units);
  const failures: ExchangeResult[] = [];

  for (const candidate of candidates) {
    if (failures.length + refusals.length >= user.maxAttempts || refusals.length >= REFUSALS_ENOUGH || signal.aborted) break;
    const presenter = getFamily(task.family).createPresenter(identity);
    const gate = createGate(presenter, user.send);
    const result = await dependencies.exchange.run({
      target: candidate.target,
      task,
      request: identity.request,
      isOrganic: true,
      signal,
      onParts: gate.onParts,
    });
    // Somebody else took the room between the choice and the reservation.
    if (result === null) continue;
    if (result.outcome === "ok") {
      await gate.open();
      return { kind: "answered", result, presenter };
    }
    if (gate.isOpen()) return { kind: "broken", result };
    if (result.refusal !== null) refusals.push(result.refusal);
    else failures.push(result);
  }

  const hasFailed = failures.some((failure) => failure.outcome === "failed");
  const [refusal] = refusals;
  if (refusal !== undefined && (refusals.length >= REFUSALS_ENOUGH || !hasFailed)) {
    throw new ApiError({ status: 400, code: "invalid_request", message: `The request is not valid: ${refusal.reason}` });
  }
  if (hasFailed) {
    throw new ApiError({
      status: 502,
      code: "backend_failed",
      message: `No miner could answer: ${failures.length} ${failures.length === 1 ? "was" : "were"} tried. Try again.`,
      retryAfterSeconds: 1,
    });
  }
  throw new ApiError({
    status: 503,
    code: "no_capacity",
    message: `All miners that serve ${task.id} are at their capacity. Try again shortly.`,
    retryAfterSeconds: retryAfterSeconds(failures),
  });
}

/** Holds events back until one has content, then lets everything through. */
function createGate(presenter: AnswerPresenter, send: ((event: string) => Promise<void>) | undefined) {
  let held: string[] = [];
  let isOpen = false;
  const open = async () => {
    if (isOpen) return;
    isOpen = true;
    const events = held;
    held = [];
    for (const event of events) await send?.(event);
  };
  return {
    isOpen: () => isOpen,
    open,
    async onParts(parts: readonly AnswerPart[]) {
      const presented = presenter.addParts(parts);
      if (send === undefined || presented === null) return;
      const event = encodeEventText(presented.json);
      if (isOpen) return send(event);
      held.push(event);
      if (presented.hasContent) await open();
    },
  };
}
