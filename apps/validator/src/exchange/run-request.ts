import { drawSeed, isCheckable } from "@vision/checking";
import { getFamily, type RequestBody } from "@vision/protocol";
import { isCounted } from "@vision/scoring";
import type { Random } from "@vision/scoring/probing";
import { createCancellationCredits } from "../domain/cancellation-credits.js";
import { countAnsweredUnits, countMissedUnits } from "../domain/count-units.js";
import { defaultOutputTokens, isUnlimited } from "../domain/default-output-tokens.js";
import { opensConversation } from "../domain/opens-conversation.js";
import { mayBeOwnDelay } from "../domain/own-delay.js";
import type { CheckRecord, ResultRecord } from "../domain/records/index.js";
import type { CapacityLedger, Clock, PromptCounter, RoutingView, ValidatorMetrics } from "../ports/index.js";
import type { Exchange, ExchangeRequest, ExchangeResult, Refusal } from "./exchange.js";
import { asCounted, blameOf, reasonOf } from "./interpret-reply.js";
import type { AskedReply, MinerAsker, ReplyFacts } from "./miner-asker.js";
import { refusalReason } from "./refusal.js";

/** What the exchange works with. */
export type ExchangeDependencies = {
  readonly asker: Pick<MinerAsker, "ask">;
  readonly ledger: CapacityLedger;
  readonly routing: Pick<RoutingView, "currentPeriod" | "sampler">;
  /** Counts prompts of requests that name no output limit. */
  readonly promptCounter: Pick<PromptCounter, "count">;
  readonly clock: Clock;
  readonly metrics: Pick<ValidatorMetrics, "requestsTotal" | "firstTokenSeconds">;
  /** Draws seeds for requests that name none. */
  readonly random: Random;
  /** A new UUID. */
  readonly newId: () => string;
  /** Whether to keep an answer of this miner and task for a check. */
  readonly shouldCheck: (hotkey: string, taskId: string) => boolean;
  /** Given every result, with its check if the answer is kept. Must not throw. */
  readonly onResult: (result: ResultRecord, check: CheckRecord | null) => void;
};

/**
 * The exchange: reserve, send, collect, count, hand on, release. There is no other way to a miner, so a synthetic request cannot be told
 * from a user's by how it is made or treated.
 */
export function createExchange(dependencies: ExchangeDependencies): Exchange {
  const { asker, ledger, routing, clock, metrics, random, newId } = dependencies;
  const cancellations = createCancellationCredits();

  return {
    async run(exchange) {
      const { target, task, isOrganic, areTokensShown, onParts, direct, signal } = exchange;
      const isAnswerWanted = isOrganic || exchange.isAnswerWanted === true;
      const period = routing.currentPeriod();
      if (period === null) return null;
      const family = getFamily(task.family);
      const limit = await outputLimit(exchange);
      const request = family.normalise(exchange.request, { task, fallbackSeed: drawSeed(random), ...limit });
      const maxUnits = family.maxWorkUnits(request);
      const reservation = await ledger.tryReserve(target.hotkey, task.id, maxUnits);
      if (reservation === null) return null;

      let usedUnits = 0;
      try {
        const startedAtMs = clock.nowMs();
        const asked = await asker.ask({ target, task, request, areTokensShown, signal, onParts, direct });
        const { reply: reported } = asked;
        const mayBeEmpty = request["stop"] !== undefined;
        const answered =
          reported.outcome === "ok" ? countAnsweredUnits({ deliveredUnits: reported.workUnits, maxUnits, mayBeEmpty }) : null;
        const collected = asCounted(reported, { isEmpty: answered === null, isOrganic });
        // What we may have been too late for ourselves is nobody else's failure.
        const isOurDelay = asked.wasDelayed && collected.outcome === "failed" && mayBeOwnDelay(collected);
        const counted = answered ?? countMissedUnits(task, maxUnits);
        // Room that our own cancellations still take at the miner is not its fault.
        const isOurCancellations =
          collected.outcome === "rateLimited" && cancellations.use(target.hotkey, task.id, maxUnits, clock.monotonicMs());
        const result: ResultRecord = {
          requestId: newId(),
          period,
          hotkey: target.hotkey,
          taskId: task.id,
          isOrganic,
          isOpening: opensConversation(request),
          outcome: collected.outcome,
          blame: isOurDelay ? "validator" : isOurCancellations ? "nobody" : blameOf(collected),
          reason: reasonOf(collected),
          failure: collected.outcome === "failed" ? { stage: collected.stage, status: collected.status } : null,
          retryAfterMs: collected.outcome === "rateLimited" ? collected.retryAfterMs : null,
          silentMs:
            collected.outcome === "failed" && collected.stage === "cancelled" && collected.deliveredUnits === 0
              ? collected.durationMs
              : null,
          ...counted,
          startedAtMs,
          firstTokenMs: collected.outcome === "ok" ? collected.firstTokenMs : null,
          durationMs: collected.durationMs,
        };
        const refused = isOrganic ? refusalReason(collected) : null;
        if (refused !== null) {
          const settle = once((blame: "miner" | "nobody") => finish({ ...result, blame }, null));
          return toExchangeResult({ ...result, blame: "nobody" }, asked, { isAnswerWanted, refusal: { reason: refused, settle } });
        }
        if (isCounted(result)) usedUnits = counted.attemptedUnits;
        if (collected.outcome === "failed" && collected.stage === "cancelled") {
          // As the miner charges it: what was sent, or in full where an answer comes as a whole.
          usedUnits = Math.min(maxUnits, collected.deliveredUnits ?? maxUnits);
          cancellations.note(target.hotkey, task.id, maxUnits - usedUnits, clock.monotonicMs());
        }
        finish(result, toCheck(exchange, { result, asked, request }));
        return toExchangeResult(result, asked, { isAnswerWanted, refusal: null });
      } finally {
        ledger.release(reservation, usedUnits);
      }
    },
  };

  /** The output limit of a request that names none: the same for a user's request and for a synthetic one. */
  async function outputLimit({ target, task, request }: ExchangeRequest): Promise<{ readonly fallbackMaxTokens?: number }> {
    if (!isUnlimited(task, request)) return {};
    const count = await dependencies.promptCounter.count(task, request);
    const promptTokens = count.kind === "counted" ? count.promptTokens : null;
    const freeUnits = ledger.free(target.hotkey, task.id);
    return { fallbackMaxTokens: defaultOutputTokens({ task, request, promptTokens, freeUnits }) };
  }

  function toCheck(
    { target, task }: ExchangeRequest,
    done: { readonly result: ResultRecord; readonly asked: AskedReply; readonly request: RequestBody },
  ): CheckRecord | null {
    const { result, asked, request } = done;
    // The times of an answer that we were late to read say nothing about its speed.
    if (result.outcome !== "ok" || asked.wasDelayed) return null;
    if (!isCheckable(task, request) || !dependencies.shouldCheck(target.hotkey, task.id)) return null;
    const answer = asked.readAnswer();
    if (answer === null || asked.reply.outcome !== "ok") return null;
    return {
      requestId: result.requestId,
      period: result.period,
      hotkey: result.hotkey,
      taskId: result.taskId,
      request,
      answer,
      receipt: asked.reply.receipt,
      sampler: routing.sampler(target.hotkey, task.id),
      isOrganic: result.isOrganic,
      firstTokenMs: result.firstTokenMs,
      durationMs: result.durationMs,
      units: result.completedUnits,
    };
  }

  function finish(result: ResultRecord, check: CheckRecord | null): void {
    measure(result);
    dependencies.onResult(result, check);
  }

  function measure(result: ResultRecord): void {
    const source = result.isOrganic ? "organic" : "synthetic";
    metrics.requestsTotal.inc({ task: result.taskId, source, outcome: result.outcome });
    if (result.firstTokenMs !== null) metrics.firstTokenSeconds.observe(result.firstTokenMs / 1000, { task: result.taskId, source });
  }
}

/** The function, for the first call only. */
function once<Argument>(run: (argument: Argument) => void): (argument: Argument) => void {
  let isDone = false;
  return (argument) => {
    if (isDone) return;
    isDone = true;
    run(argument);
  };
}

type Wanted = { readonly isAnswerWanted: boolean; readonly refusal: Refusal | null };

function toExchangeResult(result: ResultRecord, asked: AskedReply, { isAnswerWanted, refusal }: Wanted): ExchangeResult {
  const reported: ReplyFacts = asked.reply;
  const isAnswered = reported.outcome === "ok" && result.blame !== "miner";
  return {
    requestId: result.requestId,
    requestName: asked.requestName,
    outcome: isAnswered ? "ok" : result.outcome,
    blame: result.blame,
    reason: result.reason,
    answer: isAnswered && isAnswerWanted ? (asked.shown ?? asked.readAnswer()) : null,
    retryAfterMs: result.retryAfterMs,
    silentMs: result.silentMs,
    completedUnits: result.completedUnits,
    reportedPromptTokens: reported.outcome === "ok" ? reported.promptTokens : null,
    firstTokenMs: result.firstTokenMs,
    durationMs: result.durationMs,
    wasDelayed: asked.wasDelayed,
    refusal,
  };
}
