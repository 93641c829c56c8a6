import type { Task } from "@vision/protocol";
import { getFamily } from "@vision/protocol";
import { createDueQueue } from "../domain/due-queue.js";
import { unitsPerPeriod } from "../domain/period.js";
import type { PeriodProgress, ProbeState } from "../domain/period-progress.js";
import type { ProbingParams } from "../domain/probing-params.js";
import { createSeededRandom, type Random } from "../domain/random.js";
import { planSendDelay, sendWindowEnd } from "../domain/schedule.js";
import { drawSyntheticRequest } from "../domain/synthetic/draw-request.js";
import type { Exchange } from "../exchange/exchange.js";
import type { CapacityLedger, Clock, Logger, RoutingView } from "../ports/index.js";

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

type Probe = {
  readonly hotkey: string;
  readonly taskId: string;
  readonly task: Task;
  readonly timing: Random;
  readonly content: Random;
};

// Below this share of a typical request what is left of a capacity is not worth a request: it would not look like a user's.
const SMALLEST_REQUEST_SHARE = 0.25;
/** Until the next look at a plan that cannot go on now: requests under way, or no room. Without it the looks would crowd at the end. */
const BUSY_WAIT_MS = 250;
/** Timers are no finer. */
const SHORTEST_WAIT_MS = 1;

/** One queue of due probes over all miners and tasks: one timer, however many there are. */
export function createProber(
  params: ProbingParams,
  dependencies: {
    readonly exchange: Exchange;
    readonly routing: Pick<RoutingView, "task" | "target">;
    readonly ledger: Pick<CapacityLedger, "free">;
    /** False while requests would fail through our own fault: the plan waits. */
    readonly isNetworkUp: () => boolean;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): Prober {
  const { exchange, routing, ledger, isNetworkUp, clock, logger } = dependencies;
  const underWay = new Set<Promise<void>>();

  async function send(probe: Probe, progress: PeriodProgress, request: unknown, signal: AbortSignal): Promise<void> {
    const { hotkey, taskId, task } = probe;
    const target = routing.target(hotkey);
    if (target === null) return;
    progress.noteSent(hotkey, taskId);
    try {
      await exchange.run({ target, task, request, isOrganic: false, signal });
    } catch (error) {
      if (!signal.aborted) logger.error("A synthetic request failed inside the validator", { hotkey, task: taskId, error });
    } finally {
      progress.noteSettled(hotkey, taskId);
    }
  }

  function drawRequest(probe: Probe, state: ProbeState): unknown {
    const { task } = probe;
    const periodUnits = unitsPerPeriod(state.declaredCapacityPerHour, params.periodMs);
    const maxUnits = ledger.free(probe.hotkey, probe.taskId);
    const smallest = Math.max(1, Math.min(task.typicalUnitsPerRequest * SMALLEST_REQUEST_SHARE, periodUnits));
    if (maxUnits < smallest) return null;
    const parsed = getFamily(task.family).requestSchema.safeParse(drawSyntheticRequest({ task, random: probe.content, maxUnits }));
    if (parsed.success) return parsed.data;
    logger.error("A synthetic request does not fit its family's schema", { task: task.id, problem: parsed.error.message });
    return null;
  }

  return {
    async runPeriod(progress, nonce, signal) {
      const { period } = progress;
      const sendUntilMs = sendWindowEnd(period, params.sendWindowFraction);
      const queue = createDueQueue<Probe>();

      const schedule = (probe: Probe, shortestWaitMs: number) => {
        const state = progress.get(probe.hotkey, probe.taskId);
        const left = progress.remaining(probe.hotkey, probe.taskId, probe.task.typicalUnitsPerRequest);
        // A failed request under way may have to be made up for; until it has ended the plan is not done.
        const isWaiting = left === 0 && (state?.inFlight ?? 0) > 0;
        const delayMs = planSendDelay({ nowMs: clock.nowMs(), sendUntilMs, remaining: isWaiting ? 1 : left, random: probe.timing });
        if (delayMs !== null) queue.push(probe, clock.nowMs() + Math.max(delayMs, isWaiting ? BUSY_WAIT_MS : shortestWaitMs));
      };

      for (const { hotkey, taskId } of progress.states()) {
        const task = routing.task(taskId);
        if (task === null) continue;
        const stream = (name: string) => createSeededRandom(period.seed, [name, nonce, hotkey, taskId]);
        schedule({ hotkey, taskId, task, timing: stream("timing"), content: stream("content") }, SHORTEST_WAIT_MS);
      }

      for (let dueAtMs = queue.nextDueAtMs(); dueAtMs !== null; dueAtMs = queue.nextDueAtMs()) {
        const waitMs = dueAtMs - clock.nowMs();
        if (waitMs > 0) await clock.sleep(waitMs, signal);
        signal.throwIfAborted();
        const probe = queue.pop();
        const state = probe === null ? null : progress.get(probe.hotkey, probe.taskId);
        if (probe === null || state === null) continue;
        const isDue = progress.remaining(probe.hotkey, probe.taskId, probe.task.typicalUnitsPerRequest) > 0;
        const isFree = underWay.size < params.maxConcurrentRequests && state.inFlight < params.maxConcurrentPerProbe;
        const request = isDue && isFree && isNetworkUp() ? drawRequest(probe, state) : null;
        if (request !== null) {
          const sending: Promise<void> = send(probe, progress, request, signal).finally(() => underWay.delete(sending));
          underWay.add(sending);
        }
        schedule(probe, request === null ? BUSY_WAIT_MS : SHORTEST_WAIT_MS);
      }
    },
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}
