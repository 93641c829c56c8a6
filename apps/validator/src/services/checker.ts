import { type Task, VisionError } from "@vision/protocol";
import { type JudgedVerdict, judgedWorthless, type Verdict } from "@vision/scoring";
import type { CheckParams } from "@vision/scoring/probing";
import { type AnswerReceipt, completeReceipt, verifyReceipt } from "@vision/signing";
import type { CheckClaim, CheckRelease, ClaimedCheck, SampleRecord } from "../domain/records/index.js";
import type { Clock, Logger, Reference, RoutingView, ValidatorMetrics } from "../ports/index.js";
import { type CheckLeasesDependencies, createCheckLeases } from "./check-leases.js";
import type { DependencyGuard } from "./dependency-guard.js";
import { runBounded } from "./run-bounded.js";
import type { Service } from "./supervise.js";

/** Whose answers are checked, and which of them. */
export type CheckScope = {
  /** ss58 address of the validator that asked for the answers. */
  readonly validator: string;
  /** The others' checks are left to others; null for all, of which those that cannot be checked are dropped. */
  readonly tasks: readonly string[] | null;
};

/** What the checker works with. */
export type CheckerDependencies = {
  readonly store: CheckLeasesDependencies["store"];
  /** What is to be checked now; null for nothing. */
  readonly readScope: (signal: AbortSignal) => Promise<CheckScope | null>;
  readonly reference: Reference;
  readonly routing: Pick<RoutingView, "task">;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<ValidatorMetrics, "checksTotal" | "checkSeconds">;
};

/** Every worker has something to do until the slowest check of a batch is done. */
const BATCHES_PER_WORKER = 8;
/** No more is claimed at a time than is judged in so long: what waits here cannot be checked by others. */
const BATCH_MS = 5_000;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

/**
 * Works through the answers that wait to be checked. A judged answer becomes a sample; an inconclusive one is tried again, then dropped
 * without one; one under which the miner's signature is missing though it claims it has a quality of 0.
 *
 * Where a task's reference fails at an answer, it is asked again about the last one that it judged. If that works, the answer is to blame and
 * is tried again, then dropped. If not, the task's answers wait, with all their attempts, and those of other tasks go on; the reference is
 * tried from time to time.
 */
export function createChecker(params: CheckParams, dependencies: CheckerDependencies): Service {
  const { store, readScope, reference, routing, guard, clock, logger, metrics } = dependencies;
  const leases = createCheckLeases(params.leaseMs, { store, guard, clock, logger });
  const mostClaimed = Math.max(params.batchSize, params.concurrency * BATCHES_PER_WORKER);
  let claimLimit = Math.min(params.concurrency, mostClaimed);
  let scope: CheckScope | null = null;
  /** By task, the last answer that its reference judged. */
  const known = new Map<string, ClaimedCheck>();
  /** Tasks whose reference is away. */
  const held = new Set<string>();
  const watches = new Set<Promise<void>>();
  const underWay = new Set<{ readonly taskId: string; readonly giveUp: () => void }>();

  async function giveBack(check: ClaimedCheck, release: CheckRelease, signal: AbortSignal): Promise<void> {
    // While the reference has judged nothing yet, an answer is not to blame.
    const isFinal = release === "retry" && check.attempts >= params.maxAttempts && known.has(check.taskId);
    await leases.release(check, isFinal ? "drop" : release, signal);
  }

  /** The next checks of what is to be checked at this moment. */
  async function claim(which: Pick<CheckClaim, "limit" | "onlyTask" | "exceptTasks">, signal: AbortSignal) {
    scope = await readScope(signal);
    if (scope === null) return [];
    return leases.claim({ ...which, ...(scope.tasks === null ? {} : { onlyTasks: scope.tasks }) }, signal);
  }

  async function judge(check: ClaimedCheck, signal: AbortSignal): Promise<void> {
    const task = routing.task(check.taskId);
    if (scope === null) return giveBack(check, "untried", signal);
    const { validator, tasks } = scope;
    if (task === null || !reference.canCheck(task)) return giveBack(check, tasks === null ? "drop" : "untried", signal);
    // Here and not where answers are read: a signature costs as much as all else that is done for a request.
    const receipt = check.receipt === null ? null : completeReceipt(check.receipt, check.answer);
    if (receipt !== null && !verifyReceipt(receipt, { miner: check.hotkey, validator })) {
      return settle(check, { receipt, verdict: judgedWorthless("forgedReceipt", "the receipt is forged"), signal });
    }
    const startedAtMs = clock.monotonicMs();
    let verdict: Verdict;
    try {
      verdict = await ask(check, task, signal);
    } catch (error) {
      signal.throwIfAborted();
      logger.debug("An answer could not be checked", { requestId: check.requestId, task: task.id, error });
      return giveBack(check, await releaseOf(task, error, signal), signal);
    }
    metrics.checkSeconds.observe((clock.monotonicMs() - startedAtMs) / 1000, { task: task.id });
    known.set(task.id, check);
    free(task.id);
    if (verdict.kind === "judged") return settle(check, { receipt, verdict, signal });
    metrics.checksTotal.inc({ task: task.id, verdict: verdict.kind });
    logger.debug("A check was inconclusive", { requestId: check.requestId, task: task.id, reason: verdict.reason });
    await giveBack(check, "retry", signal);
  }

  /**
   * A reference that is silent for longer than a claim lasts has failed: others would be given the answer meanwhile. Answers may have to
   * wait for each other there, so each gets the time of all that are under way.
   */
  async function ask({ request, answer, sampler }: ClaimedCheck, task: Task, signal: AbortSignal): Promise<Verdict> {
    const done = new AbortController();
    const question = { taskId: task.id, giveUp: () => done.abort(new Error("the reference is away")) };
    underWay.add(question);
    const limitMs = params.leaseMs * underWay.size;
    const late = async () => {
      await clock.sleep(limitMs, AbortSignal.any([signal, done.signal]));
      throw new VisionError({
        code: "REFERENCE_UNAVAILABLE",
        message: `The reference of ${task.id} is silent for ${limitMs} ms.`,
        hint: "If its checks take so long, raise checks.leaseMs.",
        facts: { silentMs: limitMs },
      });
    };
    try {
      const judging = reference.check({ task, request, answer, sampler, signal: AbortSignal.any([signal, done.signal]) });
      return await Promise.race([judging, late()]);
    } finally {
      underWay.delete(question);
      done.abort();
    }
  }

  /** Whether the failure of a task's reference at an answer is the answer's. */
  async function releaseOf(task: Task, error: unknown, signal: AbortSignal): Promise<CheckRelease> {
    const last = known.get(task.id);
    // To ask one that is silent again would keep the worker for as long again.
    const isSilent = VisionError.isInstance(error) && "silentMs" in error.facts;
    if (last !== undefined && !isSilent && !held.has(task.id) && (await works(last, signal))) return "retry";
    guard.markDown("reference", error);
    if (!held.has(task.id)) {
      held.add(task.id);
      // Workers that wait for it have other tasks' answers to check.
      for (const { taskId, giveUp } of [...underWay]) if (taskId === task.id) giveUp();
      const watch = untilItWorks(task.id, signal).finally(() => watches.delete(watch));
      watches.add(watch);
    }
    return last === undefined || isSilent ? "retry" : "untried";
  }

  async function works(last: ClaimedCheck, signal: AbortSignal): Promise<boolean> {
    const task = routing.task(last.taskId);
    if (task === null) return false;
    try {
      await ask(last, task, signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      guard.markDown("reference", error);
      return false;
    }
  }

  function free(taskId: string): void {
    held.delete(taskId);
    if (held.size === 0) guard.markUp("reference");
  }

  /** Tries a held task's reference: by the answer that it judged last, else by those that wait, each in its turn. */
  async function untilItWorks(taskId: string, signal: AbortSignal): Promise<void> {
    try {
      for (let pauseMs = FIRST_PAUSE_MS; held.has(taskId); ) {
        await clock.sleep(pauseMs, signal);
        // Removed or switched off meanwhile: nobody waits for its answers any more.
        if (routing.task(taskId) === null) return free(taskId);
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
        const last = known.get(taskId);
        if (last !== undefined) {
          if (await works(last, signal)) free(taskId);
          continue;
        }
        const [check] = await claim({ limit: 1, onlyTask: taskId }, signal);
        if (check === undefined) pauseMs = FIRST_PAUSE_MS;
        else await judge(check, signal);
      }
    } catch (error) {
      if (!signal.aborted) logger.error("A reference that was away is not waited for", { task: taskId, error });
      free(taskId);
    }
  }

  async function settle(
    check: ClaimedCheck,
    found: { readonly receipt: AnswerReceipt | null; readonly verdict: JudgedVerdict; readonly signal: AbortSignal },
  ): Promise<void> {
    const { receipt, verdict, signal } = found;
    metrics.checksTotal.inc({ task: check.taskId, verdict: verdict.kind });
    const { requestId, period, hotkey, taskId, firstTokenMs, durationMs, units, isOrganic } = check;
    const { kind: _, evidence = null, ...judged } = verdict;
    const timing = { firstTokenMs, durationMs, units };
    const sample: SampleRecord = { requestId, period, hotkey, taskId, ...timing, ...judged, isOrganic, evidence, receipt };
    await leases.settle(sample, signal);
  }

  /** Works through what waits, until the signal aborts. */
  async function work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const claimed = await claim({ limit: claimLimit, exceptTasks: [...held] }, signal);
      const startedAtMs = clock.monotonicMs();
      const outcomes = await runBounded(claimed, params.concurrency, async (check) => {
        if (!leases.holds(check)) return;
        await (held.has(check.taskId) ? giveBack(check, "untried", signal) : judge(check, signal));
      });
      signal.throwIfAborted();
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
      if (claimed.length === 0) {
        await clock.sleep(params.idleMs, signal);
        continue;
      }
      const judgedInBatchTime = (claimed.length * BATCH_MS) / (clock.monotonicMs() - startedAtMs);
      claimLimit = Math.ceil(Math.min(Math.max(judgedInBatchTime, params.concurrency), mostClaimed));
    }
  }

  return {
    name: "checker",
    async run(signal) {
      const done = new AbortController();
      const keeping = leases.keep(AbortSignal.any([signal, done.signal]));
      try {
        await work(signal);
      } finally {
        if (signal.aborted) await Promise.all(watches);
        done.abort();
        await keeping;
      }
    },
  };
}
