import { enabledTasks } from "@vision/protocol";
import { type JudgedVerdict, judgedWorthless, type Verdict } from "@vision/scoring";
import type { CheckParams } from "@vision/scoring/probing";
import { type AnswerReceipt, completeReceipt, verifyReceipt } from "@vision/signing";
import type { ClaimedCheck, SampleRecord } from "../domain/records/index.js";
import type { CheckStore, Clock, Logger, Reference, RoutingView, ValidatorMetrics } from "../ports/index.js";
import type { CheckSelector } from "./check-selector.js";
import type { DependencyGuard } from "./dependency-guard.js";
import { runBounded } from "./run-bounded.js";
import type { Service } from "./supervise.js";

/** What the checker works with. */
export type CheckerDependencies = {
  /** ss58 address of the validator that asked for the answers. */
  readonly validator: string;
  readonly store: Pick<CheckStore, "claimChecks" | "recordSample" | "releaseCheck" | "countPendingChecksBySeries">;
  readonly reference: Reference;
  readonly routing: Pick<RoutingView, "task" | "registry">;
  readonly selector: CheckSelector;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ValidatorMetrics;
  readonly onSample: (sample: SampleRecord) => void;
};

type CheckOutcome = "judged" | "inconclusive" | "unavailable";

/** Every worker has something to do until the slowest check of a batch is done. */
const BATCHES_PER_WORKER = 8;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

/**
 * Works through the answers that wait to be checked. A judged answer becomes a sample; an inconclusive one is tried again, then dropped
 * without one; one under which the miner's signature is missing though it claims it has a quality of 0. When the reference itself fails, everything waits: one warning, then a try from time to time.
 */
export function createChecker(params: CheckParams, dependencies: CheckerDependencies): Service {
  const { validator, store, reference, routing, selector, guard, clock, logger, metrics, onSample } = dependencies;
  let isUncheckedTold = false;

  async function giveBack(check: ClaimedCheck, isFinal: boolean, signal: AbortSignal): Promise<void> {
    const decision = isFinal || check.attempts >= params.maxAttempts ? "drop" : "retry";
    await guard.untilUp("store", () => store.releaseCheck(check.requestId, decision), signal);
  }

  async function judge(check: ClaimedCheck, signal: AbortSignal): Promise<CheckOutcome> {
    const task = routing.task(check.taskId);
    if (task === null || !reference.canCheck(task)) {
      await giveBack(check, true, signal);
      return "inconclusive";
    }
    // Here and not where answers are read: a signature costs as much as all else that is done for a request.
    const receipt = check.receipt === null ? null : completeReceipt(check.receipt, check.answer);
    if (receipt !== null && !verifyReceipt(receipt, { miner: check.hotkey, validator })) {
      return settle(check, { receipt, verdict: judgedWorthless("forgedReceipt", "the receipt is forged"), signal });
    }
    const startedAtMs = clock.monotonicMs();
    let verdict: Verdict;
    try {
      verdict = await reference.check({ task, request: check.request, answer: check.answer, sampler: check.sampler, signal });
    } catch (error) {
      signal.throwIfAborted();
      logger.debug("An answer could not be checked", { requestId: check.requestId, task: task.id, error });
      await giveBack(check, false, signal);
      guard.markDown("reference", error);
      return "unavailable";
    }
    guard.markUp("reference");
    metrics.checkSeconds.observe((clock.monotonicMs() - startedAtMs) / 1000, { task: task.id });
    if (verdict.kind === "inconclusive") {
      metrics.checksTotal.inc({ task: task.id, verdict: verdict.kind });
      logger.debug("A check was inconclusive", { requestId: check.requestId, task: task.id, reason: verdict.reason });
      await giveBack(check, false, signal);
      return "inconclusive";
    }
    return settle(check, { receipt, verdict, signal });
  }

  async function settle(
    check: ClaimedCheck,
    found: { readonly receipt: AnswerReceipt | null; readonly verdict: JudgedVerdict; readonly signal: AbortSignal },
  ): Promise<CheckOutcome> {
    const { receipt, verdict, signal } = found;
    metrics.checksTotal.inc({ task: check.taskId, verdict: verdict.kind });
    const { requestId, period, hotkey, taskId, firstTokenMs, durationMs, units, isOrganic } = check;
    const { kind: _, evidence = null, ...judged } = verdict;
    const timing = { firstTokenMs, durationMs, units };
    const sample: SampleRecord = { requestId, period, hotkey, taskId, ...timing, ...judged, isOrganic, evidence, receipt };
    await guard.untilUp("store", () => store.recordSample(sample), signal);
    onSample(sample);
    return "judged";
  }

  async function countPending(signal: AbortSignal): Promise<void> {
    const pending = await guard.untilUp("store", () => store.countPendingChecksBySeries(), signal);
    selector.setPending(pending);
    metrics.checksPending.set(pending.reduce((sum, { count }) => sum + count, 0));
  }

  /** Without a check there is no quality, and without quality no pay. */
  function tellUnchecked(): void {
    for (const task of isUncheckedTold ? [] : enabledTasks(routing.registry())) {
      const isChecked = reference.canCheck(task);
      metrics.taskUnchecked.set(isChecked ? 0 : 1, { task: task.id });
      if (isChecked) continue;
      logger.warn("No reference can check the answers of an enabled task, so it pays nobody", { task: task.id });
    }
    isUncheckedTold = true;
  }

  return {
    name: "checker",
    async run(signal) {
      tellUnchecked();
      let pauseMs = FIRST_PAUSE_MS;
      while (!signal.aborted) {
        await countPending(signal);
        // While the reference is away one answer at a time is enough to find out that it is back.
        const limit = guard.isUp("reference") ? Math.max(params.batchSize, params.concurrency * BATCHES_PER_WORKER) : 1;
        const claim = () => store.claimChecks({ limit, nowMs: clock.nowMs(), leaseMs: params.leaseMs });
        const claimed = await guard.untilUp("store", claim, signal);
        const outcomes = await runBounded(claimed, params.concurrency, (check) => judge(check, signal));
        signal.throwIfAborted();
        for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
        if (guard.isUp("reference")) pauseMs = FIRST_PAUSE_MS;
        if (claimed.length === 0) {
          await clock.sleep(params.idleMs, signal);
        } else if (!guard.isUp("reference")) {
          await clock.sleep(pauseMs, signal);
          pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
        }
      }
    },
  };
}
