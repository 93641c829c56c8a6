import { type BegunAnswer, getFamily } from "@vision/protocol";
import { leastUnits } from "../domain/default-output-tokens.js";
import type { ExchangeResult, Refusal } from "../exchange/exchange.js";
import type { Candidate, Clock } from "../ports/index.js";
import { type Attempt, askMiner } from "./ask-miner.js";
import type { UserPresenter } from "./endpoints/endpoint.js";
import { assertCanEverFit, noAnswerError, REFUSALS_ENOUGH } from "./no-answer.js";
import { selectMiner } from "./select-miner.js";
import type { ServingDependencies, UserRequest } from "./user-request.js";

/** How it ended: an answer, or a miner's failure after something was sent. */
export type ServedRequest =
  | { readonly kind: "answered"; readonly result: ExchangeResult; readonly presenter: UserPresenter }
  | {
      readonly kind: "broken";
      readonly presenter: UserPresenter;
      /** Hotkeys of the miners that were asked for it. */
      readonly asked: readonly string[];
      /** What the user has of the answer; null where no other miner could go on with it. */
      readonly begun: BegunAnswer | null;
      /** Work units of what the user has of it. */
      readonly shownUnits: number;
    };

/**
 * Asks a miner, and another one when it fails before the user has seen anything of an answer. Where the first token is late, by the times
 * that the task's miners took lately, a second one is asked beside it: whose content comes first answers, the other is cancelled.
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

async function tryMiners(user: UserRequest, dependencies: ServingDependencies, refusals: Refusal[]): Promise<ServedRequest> {
  const { task, request, signal, continued } = user;
  const { exchange, routing, ledger, clock, random, hedges, metrics } = dependencies;
  const { maxAttempts, affinityFactor } = user.routingOptions;
  const units = leastUnits(task, request);
  const serving = routing.candidates(task.id).filter(({ target }) => continued?.failed.has(target.hotkey) !== true);
  assertCanEverFit(task, units, Math.max(0, ...serving.map(({ target }) => ledger.budget(target.hotkey, task.id))));
  const prefix = getFamily(task.family).conversationPrefix(request);
  const failures: ExchangeResult[] = [];
  const running = new Set<Attempt>();
  const race: { winner: Attempt | null; hedge: Attempt | null } = { winner: null, hedge: null };
  let untried = serving;

  const select = (): Candidate | null => {
    const isEnough = failures.length + refusals.length + running.size >= maxAttempts || refusals.length >= REFUSALS_ENOUGH;
    if (isEnough || signal.aborted) return null;
    return selectMiner(untried, { ledger, units, nowMs: clock.nowMs(), prefix, affinityFactor }, random);
  };
  const decide = (winner: Attempt): boolean => {
    race.winner ??= winner;
    if (race.winner !== winner) return false;
    for (const other of running) if (other !== winner) other.cancel();
    return true;
  };
  const ask = (candidate: Candidate): Attempt => {
    untried = untried.filter((each) => each !== candidate);
    const attempt = askMiner(user, candidate, { exchange, onContent: decide });
    running.add(attempt);
    return attempt;
  };

  hedges.earn();
  const timer = new AbortController();
  // Those that go on with an answer share its presenter: one at a time.
  const budgetMs = serving.length > 1 && continued === undefined ? routing.firstTokenBudgetMs(task.id) : null;
  let late = budgetMs === null ? null : isLate(clock, budgetMs, timer.signal);
  try {
    for (;;) {
      if (running.size === 0) {
        const candidate = select();
        if (candidate === null) break;
        ask(candidate);
      }
      const ended = [...running].map((attempt) => attempt.ended);
      const next = await Promise.race(late === null ? ended : [...ended, late]);
      if (next === "late") {
        late = null;
        const candidate = race.winner === null ? select() : null;
        if (candidate !== null && hedges.take()) race.hedge = ask(candidate);
        continue;
      }
      const { attempt } = next;
      running.delete(attempt);
      // It lost, however it ended.
      if (race.winner !== null && race.winner !== attempt) continue;
      if ("error" in next) throw next.error;
      const { result } = next;
      // Somebody else took the room between the choice and the reservation.
      if (result === null) continue;
      if (result.outcome === "ok") {
        decide(attempt);
        await attempt.open();
        return { kind: "answered", result, presenter: attempt.presenter };
      }
      if (attempt.isOpen()) {
        const asked = serving.filter((each) => !untried.includes(each)).map(({ target }) => target.hotkey);
        return { kind: "broken", presenter: attempt.presenter, asked, begun: attempt.begun(), shownUnits: attempt.shownUnits() };
      }
      race.winner = null;
      if (result.refusal !== null) refusals.push(result.refusal);
      else failures.push(result);
    }
  } finally {
    timer.abort("the answer is there");
    for (const attempt of running) attempt.cancel();
    if (race.hedge !== null) metrics.gatewayHedgesTotal.inc({ task: task.id, outcome: race.winner === race.hedge ? "won" : "lost" });
  }
  throw noAnswerError({ task, failures, refusals, untried, nowMs: clock.nowMs() });
}

async function isLate(clock: Pick<Clock, "sleep">, budgetMs: number, signal: AbortSignal): Promise<"late"> {
  await clock.sleep(budgetMs, signal).catch(() => undefined);
  return "late";
}
