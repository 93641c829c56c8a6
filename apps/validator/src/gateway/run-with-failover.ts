import { type AnswerIdentity, type AnswerPart, type AnswerPresenter, encodeEventText, getFamily, type Task } from "@vision/protocol";
import type { Random } from "@vision/scoring/probing";
import { leastUnits } from "../domain/default-output-tokens.js";
import { readyAtMs } from "../domain/routing-record.js";
import type { Exchange, ExchangeResult, Refusal } from "../exchange/exchange.js";
import type { Candidate, CapacityLedger, Clock, RoutingView } from "../ports/index.js";
import { ApiError } from "./api-error.js";
import { selectMiner } from "./select-miner.js";

/** What a user's request is served with. */
export type ServingDependencies = {
  readonly exchange: Exchange;
  readonly routing: Pick<RoutingView, "registry" | "candidates">;
  readonly ledger: Pick<CapacityLedger, "budget" | "free" | "inFlight">;
  readonly clock: Clock;
  readonly random: Random;
};

/** How miners are chosen; see `GatewayOptions`. */
export type RoutingOptions = { readonly maxAttempts: number; readonly affinityFactor: number };

/** One user's request. */
export type UserRequest = {
  readonly task: Task;
  readonly identity: AnswerIdentity;
  readonly routingOptions: RoutingOptions;
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
 * Asks a miner, and another one when it fails before the user has seen anything of an answer. Opening events without content are
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

/** When the first of the miners that are full or failing may be asked again; soon, where that is not known. */
function retryAfterSeconds(failures: readonly ExchangeResult[], untried: readonly Candidate[], nowMs: number): number {
  const said = failures.flatMap(({ retryAfterMs }) => (retryAfterMs === null ? [] : [retryAfterMs]));
  const waits = untried.map(({ record }) => readyAtMs(record) - nowMs).filter((waitMs) => waitMs > 0);
  const seconds = [...said, ...waits].map((ms) => Math.ceil(ms / 1000));
  return seconds.length === 0 ? RETRY_SECONDS : Math.min(LONGEST_RETRY_SECONDS, Math.max(1, Math.min(...seconds)));
}

async function tryMiners(user: UserRequest, dependencies: ServingDependencies, refusals: Refusal[]): Promise<ServedRequest> {
  const { task, identity, signal } = user;
  const { ledger, clock, random } = dependencies;
  const units = leastUnits(task, identity.request);
  const serving = dependencies.routing.candidates(task.id);
  assertCanEverFit(task, units, Math.max(0, ...serving.map(({ target }) => ledger.budget(target.hotkey, task.id))));
  const prefix = getFamily(task.family).conversationPrefix(identity.request);
  const { maxAttempts, affinityFactor } = user.routingOptions;
  const failures: ExchangeResult[] = [];
  let untried = serving;

  while (failures.length + refusals.length < maxAttempts && refusals.length < REFUSALS_ENOUGH && !signal.aborted) {
    const state = { ledger, units, nowMs: clock.nowMs(), prefix, affinityFactor };
    const candidate = selectMiner(untried, state, random);
    if (candidate === null) break;
    untried = untried.filter((each) => each !== candidate);
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
    message: `No miner of ${task.id} can be asked at the moment: all are at their capacity, or failing. Try again shortly.`,
    retryAfterSeconds: retryAfterSeconds(failures, untried, clock.nowMs()),
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
