import type { DrawnRequest, SyntheticSource } from "@vision/checking";
import { defaultProbingParams, type Random } from "@vision/scoring/probing";
import type { ConversationPace } from "../../src/domain/conversation-pace.js";
import { createDueQueue } from "../../src/domain/due-queue.js";
import type { Gaps } from "../../src/domain/gaps.js";
import { aheadOfPlanMs, planSendDelay, sendWindowEnd } from "../../src/domain/schedule.js";

/** How long a plan is for. */
export const PERIOD_MS = 3_600_000;
/** More than any request asks for. */
const ANY_UNITS = 1e6;

/** A plan, and how its requests are sent. */
export type PlannedRequests = {
  readonly taskId: string;
  readonly count: number;
  readonly gaps: Gaps;
  readonly random: Random;
  /** Of requests that were sent before; those of this plan are noted too. */
  readonly pace: ConversationPace;
  readonly source: SyntheticSource;
  /** Told the time of each request before it is drawn, milliseconds from the period's start. */
  readonly setTime: (atMs: number) => void;
  /** Sends a request; returns what it was answered, null where it was not. */
  readonly send: (drawn: DrawnRequest) => Promise<string | null>;
};

/** Sends a plan's requests when the prober would, each answered at once: conversations by the gaps, their turns when they are due. */
export async function playPlan(plan: PlannedRequests): Promise<void> {
  const { taskId, count, gaps, random, pace, source, setTime, send } = plan;
  const period = { startsAtMs: 0, endsAtMs: PERIOD_MS };
  const sendUntilMs = sendWindowEnd(period, defaultProbingParams.sendWindowFraction);
  const noMisses = { rateLimitedUnits: 0, failedUnits: 0, rateLimitedCount: 0, failedCount: 0 };
  const progress = { plannedUnits: count, plannedRequests: count, unitsPerRequest: 1, inFlight: 0, ...noMisses };
  const turns = createDueQueue<null>();
  let sent = 0;
  const aheadMs = (nowMs: number) =>
    aheadOfPlanMs({ ...progress, attemptedUnits: sent, sentRequests: sent }, { nowMs, sendUntilMs, ...period });
  const nextFirstMs = (nowMs: number) => {
    const remaining = pace.conversationsIn(taskId, count - sent);
    const delayMs = planSendDelay({ nowMs, sendUntilMs, remaining, gaps, random });
    return delayMs === null ? Number.POSITIVE_INFINITY : nowMs + Math.max(delayMs, aheadMs(nowMs));
  };

  let firstMs = nextFirstMs(0);
  while (sent < count) {
    const turnMs = turns.nextDueAtMs() ?? Number.POSITIVE_INFINITY;
    const nowMs = Math.min(turnMs, firstMs);
    if (nowMs >= sendUntilMs) return;
    setTime(Math.round(nowMs));
    const isTurn = turnMs <= firstMs;
    if (isTurn) turns.pop();
    const due = source.drawDue(ANY_UNITS);
    const drawn = due ?? (isTurn ? null : source.drawFirst(ANY_UNITS));
    if (drawn !== null) {
      sent += 1;
      pace.note(taskId, due === null);
      const answer = await send(drawn);
      for (const dueMs of [drawn.nextDueMs, answer === null ? null : drawn.onAnswered?.(answer)]) {
        if (typeof dueMs === "number") turns.push(null, Math.max(dueMs, nowMs));
      }
    }
    if (!isTurn) firstMs = nextFirstMs(nowMs);
  }
}
