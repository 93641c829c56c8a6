import { createSyntheticSource, drawHabits, type Habits } from "@vision/checking";
import { createSeededRandom, isBigDraw, type ProbingParams, unitsPerPeriod } from "@vision/scoring/probing";
import { createConversationPace } from "../domain/conversation-pace.js";
import { createDueQueue } from "../domain/due-queue.js";
import type { GapHistogram } from "../domain/gap-histogram.js";
import { createBurstyGaps, evenGaps, type Gaps } from "../domain/gaps.js";
import { createKeptOut, type EndedRequest, type KeptOut } from "../domain/kept-out.js";
import type { PeriodProgress, ProbeState } from "../domain/period-progress.js";
import { createProbeSlots, expectedConcurrency, slotsOfProbe } from "../domain/probe-slots.js";
import { aheadOfPlanMs, planSendDelay, sendWindowEnd } from "../domain/schedule.js";
import type { Exchange, ExchangeResult } from "../exchange/exchange.js";
import type { CapacityLedger, Clock, Logger, RoutingView, ValidatorMetrics } from "../ports/index.js";
import { createRequestDrawer, type Drawn, type DrawnFor } from "./request-drawer.js";
import type { RequestWriter } from "./request-writer.js";
import type { SharedRequests } from "./shared-requests.js";

/** Sends a period's synthetic requests. */
export type Prober = {
  /**
   * Works a period's plan off; resolves when nothing is left to send or the send window is over. Requests may still be under way then.
   *
   * @param nonce - Fresh for every call, so that a restart never repeats a request of the same period.
   */
  runPeriod(progress: PeriodProgress, nonce: string, signal: AbortSignal): Promise<void>;
  /** Resolves when no synthetic request is under way. */
  settled(): Promise<void>;
};

type Probe = DrawnFor & {
  /** How long an answer takes at the task's target. */
  readonly answerMs: number;
  readonly keptOut: KeptOut;
  readonly gaps: Gaps;
  /** Whether turns are sent when they are due, apart from the gaps; where not, a turn that is due takes the place of the next conversation. */
  readonly isTurnOnTime: boolean;
};

/** What is due: a turn of a conversation, or what the gaps bring. */
type Due = { readonly probe: Probe; readonly isTurn: boolean };

type Sending = {
  /** Told when the next turn is due; null where none follows. */
  readonly onNextDue: (dueMs: number | null) => void;
  readonly signal: AbortSignal;
};

/** Until the next look at a plan that cannot go on now: requests under way, or no room. Without it the looks would crowd at the end. */
const BUSY_WAIT_MS = 250;
/** Share of a period's plan above which what was not sent is a warning. */
const TOLD_UNSENT_SHARE = 0.05;
/** Timers are no finer. */
const SHORTEST_WAIT_MS = 1;

/** Requests of a period's plan that were not sent because the miner was slower than its task's target. */
export type KeptOutOfPlan = {
  readonly period: number;
  readonly hotkey: string;
  readonly taskId: string;
  readonly requests: number;
  readonly units: number;
};

/** One queue of due probes over all miners and tasks: one timer, however many there are. */
export function createProber(
  params: ProbingParams,
  dependencies: {
    readonly exchange: Exchange;
    readonly routing: Pick<RoutingView, "task" | "target">;
    readonly ledger: Pick<CapacityLedger, "free">;
    /** What users let others be drawn from. */
    readonly shared: Pick<SharedRequests, "conversationsOf">;
    /** What the tasks' own models wrote. */
    readonly written: Pick<RequestWriter, "conversationsOf">;
    /** Gaps between users' conversations at a task, as far as there were any. */
    readonly gapsOf: (taskId: string) => GapHistogram;
    /** False while requests would fail through our own fault: the plan waits. */
    readonly isNetworkUp: () => boolean;
    /** Whether this thread stood still in the last so many milliseconds: what took long then is held against no miner. */
    readonly wasStarvedLately: (durationMs: number) => boolean;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: Pick<ValidatorMetrics, "probesUnsentTotal">;
    /** Given what a miner's own requests kept out of its plan, as work units that it refused. Must not throw. */
    readonly onKeptOut: (kept: KeptOutOfPlan) => void;
  },
): Prober {
  const { exchange, routing, ledger, shared, written, gapsOf, isNetworkUp, wasStarvedLately, clock, logger, metrics, onKeptOut } =
    dependencies;
  const underWay = new Set<Promise<void>>();
  const slots = createProbeSlots(params.maxConcurrentRequests);
  const pace = createConversationPace();
  const drawer = createRequestDrawer({ ledger, logger });
  let habits: Habits | null = null;
  /** Ends the sleep of the period under way: a slot is free. */
  let wake: (() => void) | null = null;

  async function send(probe: Probe, progress: PeriodProgress, drawn: Drawn, sending: Sending): Promise<void> {
    const { onNextDue, signal } = sending;
    const { hotkey, taskId, task } = probe;
    const target = routing.target(hotkey);
    if (target === null) return;
    progress.noteSent(hotkey, taskId);
    slots.take(hotkey);
    const sent = probe.keptOut.sent(clock.nowMs());
    let ended: EndedRequest | null = null;
    try {
      const { request, onAnswered } = drawn;
      const wanted = onAnswered === null ? {} : { isAnswerWanted: true, areTokensShown: false };
      const result = await exchange.run({ target, task, request, isOrganic: false, ...wanted, signal });
      if (result?.answer?.kind === "text" && result.answer.text !== "") onNextDue(onAnswered?.(result.answer.text) ?? null);
      const isOurs = result !== null && wasStarvedLately(result.durationMs);
      ended = isOurs ? null : paceOf(probe, result);
    } catch (error) {
      if (!signal.aborted) logger.error("A synthetic request failed inside the validator", { hotkey, task: taskId, error });
    } finally {
      probe.keptOut.ended(sent, ended, clock.nowMs());
      progress.noteSettled(hotkey, taskId);
      slots.release(hotkey);
      wake?.();
    }
  }

  /** Sleeps until then, or until a slot is free. */
  async function waitFor(durationMs: number, signal: AbortSignal): Promise<void> {
    const nap = new AbortController();
    const onAbort = () => nap.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    wake = () => nap.abort();
    try {
      await clock.sleep(durationMs, nap.signal);
    } catch (error) {
      if (!nap.signal.aborted) throw error;
    } finally {
      wake = null;
      signal.removeEventListener("abort", onAbort);
    }
  }

  /**
   * Tells what a plan held and nobody was asked for. As much of it as the miner's own requests kept out counts as refused; by the rest the
   * miner is judged by less than was drawn for it.
   */
  function tellUnsent(progress: PeriodProgress, probes: readonly Probe[], waiting: ReadonlySet<Probe>): void {
    let unsent = 0;
    let keptOut = 0;
    for (const probe of probes) {
      const { hotkey, taskId, task } = probe;
      const count = progress.remaining(hotkey, taskId, task.typicalUnitsPerRequest);
      if (count === 0) continue;
      unsent += count;
      progress.noteUnsent(hotkey, taskId, count);
      metrics.probesUnsentTotal.inc({ task: taskId }, count);
      const requests = Math.min(count, probe.keptOut.count());
      if (requests === 0) continue;
      keptOut += requests;
      onKeptOut({ period: progress.period.period, hotkey, taskId, requests, units: requests * task.typicalUnitsPerRequest });
    }
    if (unsent === 0) return;
    const planned = progress.states().reduce((sum, { plannedRequests }) => sum + plannedRequests, 0);
    const facts = { period: progress.period.period, unsent, keptOut, planned };
    const slotFacts = { waitedForSlots: waiting.size, maxSlots: params.maxConcurrentRequests };
    logger[unsent > planned * TOLD_UNSENT_SHARE ? "warn" : "info"]("Planned requests were not sent in their period", {
      ...facts,
      ...slotFacts,
    });
  }

  return {
    async runPeriod(progress, nonce, signal) {
      const { period } = progress;
      const sendUntilMs = sendWindowEnd(period, params.sendWindowFraction);
      const queue = createDueQueue<Due>();
      /** Due, without a slot; longest waiting first. */
      const waiting = new Set<Probe>();
      slots.startPeriod();

      const leftOf = ({ hotkey, taskId, task }: Probe) => progress.remaining(hotkey, taskId, task.typicalUnitsPerRequest);
      const inFlightOf = ({ hotkey, taskId }: Probe) => progress.get(hotkey, taskId)?.inFlight ?? 0;
      const expectedOf = (probe: Probe) => {
        const requests = leftOf(probe) + inFlightOf(probe);
        return expectedConcurrency({ requests, timeLeftMs: sendUntilMs - clock.nowMs(), answerMs: probe.answerMs });
      };
      const isFull = (probe: Probe) => inFlightOf(probe) >= slotsOfProbe(expectedOf(probe), params.maxConcurrentPerProbe);
      const hasSlot = (probe: Probe) => !isFull(probe) && slots.hasRoom(probe.hotkey);
      /** Where users have used what the plan was to use by now, it waits until it is due again. */
      const waitOf = ({ hotkey, taskId, task }: Probe, shortestWaitMs: number) => {
        const state = progress.get(hotkey, taskId);
        if (state === null) return shortestWaitMs;
        const times = { nowMs: clock.nowMs(), startsAtMs: period.startsAtMs, sendUntilMs };
        return Math.max(shortestWaitMs, aheadOfPlanMs({ ...state, unitsPerRequest: task.typicalUnitsPerRequest }, times));
      };
      /** A plan that waits for room among all miners, or while we are offline, waits for us. */
      const noteWaiting = (probe: Probe) =>
        probe.keptOut.setWaiting(waiting.has(probe) && isNetworkUp() && isFull(probe) && slots.hasRoom(probe.hotkey), clock.nowMs());

      const schedule = (probe: Probe, shortestWaitMs: number) => {
        const left = leftOf(probe);
        // A failed request under way may have to be made up for; until it has ended the plan is not done.
        const isWaiting = left === 0 && inFlightOf(probe) > 0;
        slots.setNeed(probe.hotkey, probe.taskId, left === 0 ? 0 : expectedOf(probe));
        const { timing: random } = probe;
        const gaps = isWaiting ? evenGaps : probe.gaps;
        // Turns that follow come by themselves.
        const conversations = probe.isTurnOnTime ? pace.conversationsIn(probe.taskId, left) : left;
        const remaining = isWaiting ? 1 : conversations;
        const delayMs = planSendDelay({ nowMs: clock.nowMs(), sendUntilMs, remaining, gaps, random });
        if (delayMs !== null)
          queue.push({ probe, isTurn: false }, clock.nowMs() + Math.max(delayMs, isWaiting ? BUSY_WAIT_MS : waitOf(probe, shortestWaitMs)));
      };

      /** Looks again when a turn is due. One that cannot be sent then takes the place of the next conversation. */
      const scheduleTurn = (probe: Probe, dueMs: number | null) => {
        if (dueMs === null || !probe.isTurnOnTime) return;
        const dueAtMs = clock.nowMs() + Math.max(SHORTEST_WAIT_MS, dueMs - clock.monotonicMs());
        if (dueAtMs < sendUntilMs) queue.push({ probe, isTurn: true }, dueAtMs);
      };

      const sendDrawn = (probe: Probe, drawn: Drawn) => {
        if (probe.isTurnOnTime) pace.note(probe.taskId, drawn.isFirst);
        const onNextDue = (dueMs: number | null) => scheduleTurn(probe, dueMs);
        const sending: Promise<void> = send(probe, progress, drawn, { onNextDue, signal }).finally(() => underWay.delete(sending));
        underWay.add(sending);
        onNextDue(drawn.nextDueMs);
      };

      const unitsOf = ({ declaredCapacityPerHour }: ProbeState) =>
        unitsPerPeriod(declaredCapacityPerHour, period.endsAtMs - period.startsAtMs);

      const attemptTurn = (probe: Probe) => {
        const state = progress.get(probe.hotkey, probe.taskId);
        if (state === null || leftOf(probe) === 0 || !isNetworkUp() || !hasSlot(probe)) return;
        const drawn = drawer.drawTurn(probe, unitsOf(state));
        if (drawn !== null) sendDrawn(probe, drawn);
      };

      const attempt = (probe: Probe) => {
        const state = progress.get(probe.hotkey, probe.taskId);
        if (state === null) return;
        const isDue = leftOf(probe) > 0;
        if (isDue && isNetworkUp() && !hasSlot(probe)) {
          waiting.add(probe);
          noteWaiting(probe);
          return;
        }
        const drawn = isDue && isNetworkUp() ? drawer.draw(probe, unitsOf(state)) : null;
        if (drawn !== null) sendDrawn(probe, drawn);
        schedule(probe, drawn === null ? BUSY_WAIT_MS : SHORTEST_WAIT_MS);
      };

      /** Gives free slots to those who wait: to the miner with the fewest requests under way first. */
      const admitWaiting = () => {
        while (waiting.size > 0 && slots.total < params.maxConcurrentRequests) {
          let next: Probe | null = null;
          for (const probe of waiting) {
            if ((next === null || slots.inUse(probe.hotkey) < slots.inUse(next.hotkey)) && hasSlot(probe)) next = probe;
          }
          if (next === null) return;
          waiting.delete(next);
          noteWaiting(next);
          attempt(next);
        }
      };

      /** What has happened since the last look may have changed what each of them waits for. */
      const lookAtWaiting = () => {
        for (const probe of waiting) noteWaiting(probe);
      };

      habits ??= drawHabits(createSeededRandom(period.seed, ["habits", nonce]));
      const own = habits;
      const probes = progress.states().flatMap((state): readonly Probe[] => {
        const { hotkey, taskId } = state;
        const task = routing.task(taskId);
        if (task === null) return [];
        const stream = (name: string) => createSeededRandom(period.seed, [name, nonce, hotkey, taskId]);
        const answerMs = task.target.firstTokenMs + (task.typicalUnitsPerRequest * 1_000) / task.target.unitsPerSecond;
        const theirs = { conversations: shared.conversationsOf(taskId), hotkey };
        const byModel = { conversationsNow: () => written.conversationsOf(taskId), hotkey };
        const source = createSyntheticSource({
          task,
          random: stream("content"),
          habits: own,
          nowMs: () => clock.monotonicMs(),
          shared: theirs,
          written: byModel,
        });
        // So many slots as a burst may take would be more than a miner declares where a large share is tried. Most users are sent elsewhere then.
        const isTurnOnTime = !isBigDraw(state);
        const gaps = isTurnOnTime ? createBurstyGaps(gapsOf(taskId)) : evenGaps;
        return [{ hotkey, taskId, task, answerMs, keptOut: createKeptOut(answerMs), timing: stream("timing"), gaps, isTurnOnTime, source }];
      });
      for (const probe of probes) schedule(probe, SHORTEST_WAIT_MS);

      for (;;) {
        signal.throwIfAborted();
        const nowMs = clock.nowMs();
        const dueAtMs = queue.nextDueAtMs();
        if (dueAtMs === null && (waiting.size === 0 || nowMs >= sendUntilMs)) break;
        const untilMs = dueAtMs ?? sendUntilMs;
        if (untilMs > nowMs) {
          await waitFor(untilMs - nowMs, signal);
          lookAtWaiting();
          if (clock.nowMs() < sendUntilMs) admitWaiting();
          continue;
        }
        const due = queue.pop();
        if (due !== null) (due.isTurn ? attemptTurn : attempt)(due.probe);
      }
      pace.endPeriod();
      tellUnsent(progress, probes, waiting);
    },
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}

/** How long an answer took, and may have taken at the target; null where it was not the miner that took it, or nobody can tell. */
function paceOf({ task, answerMs }: Probe, result: ExchangeResult | null): EndedRequest | null {
  if (result === null || result.wasDelayed) return null;
  if (result.outcome !== "ok" && result.blame !== "miner") return null;
  const targetMs = task.target.firstTokenMs + (result.completedUnits * 1_000) / task.target.unitsPerSecond;
  return { durationMs: result.durationMs, targetMs: result.outcome === "ok" ? targetMs : answerMs };
}
