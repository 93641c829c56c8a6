import {
  type CapacityRequest,
  defaultSampler,
  enabledTasks,
  PROTOCOL_VERSION,
  type SamplerName,
  type TaskRegistry,
} from "@vision/protocol";
import type { DeclaredCapacity, ProbingParams } from "@vision/scoring/probing";
import type { CapacitiesResult, MinerTarget } from "@vision/sdk/client";
import { defaultOutageParams, isOutage, readReachSign } from "../domain/network-outage.js";
import type { Clock, Logger } from "../ports/index.js";
import type { Declarations } from "./declarations.js";
import { runBounded } from "./run-bounded.js";

/** Asks one miner. May reject: that is taken for a failure of ours. */
export type AskCapacities = (target: MinerTarget, request: CapacityRequest, signal: AbortSignal) => Promise<CapacitiesResult>;

/** What a survey needs. */
export type CapacitySurveyInput = {
  readonly targets: readonly MinerTarget[];
  readonly registry: TaskRegistry;
  readonly params: ProbingParams;
  /** What miners declared last, for those that cannot be asked through our own fault. It is told who was heard and who was silent. */
  readonly declarations: Pick<Declarations, "capacityPerHour" | "declared" | "heard" | "silent">;
  /** Unix milliseconds at which the survey ends with the answers that are in; without it, it waits for every miner's own time-out. */
  readonly closeAtMs?: number;
  /** False while the validator itself is offline; nobody's silence counts then. */
  readonly isNetworkUp?: () => boolean;
  /** Whether the validator itself stood still in the last so many milliseconds; a miner's silence in them tells nothing of the miner. */
  readonly wasStarvedLately?: (durationMs: number) => boolean;
  readonly signal: AbortSignal;
};

/** A time-out that fires so many times too late says that this process was held up, not the miner. */
const LATE_FACTOR = 1.25;

type Asked = { readonly target: MinerTarget; readonly answer: CapacitiesResult };

/** A declared capacity and where its miner is. */
export type SurveyedCapacity = DeclaredCapacity & { readonly target: MinerTarget; readonly sampler: SamplerName };

/**
 * The capacities of all miners, asked at the same time within bounds, each on its own: whatever one of them sends or does touches no other.
 * A miner that does not answer has none. One that could not be asked through our own fault (asked too late, this process at a standstill, or
 * most miners out of reach at once) is asked again while there is time, and keeps what it declared last.
 */
export async function surveyCapacities(
  input: CapacitySurveyInput,
  dependencies: { readonly ask: AskCapacities; readonly clock: Clock; readonly logger: Logger },
): Promise<readonly SurveyedCapacity[]> {
  const { targets, registry, params, declarations, signal } = input;
  const { ask, clock, logger } = dependencies;
  const tasks = enabledTasks(registry);
  const request: CapacityRequest = { protocolVersion: PROTOCOL_VERSION, periodMs: params.periodMs, tasks };

  const startedAtMs = clock.nowMs();
  const closeAtMs = input.closeAtMs ?? Number.POSITIVE_INFINITY;
  // Of a miner that hung for at least half of the time that there was, enough is known.
  const fairTimeMs = Math.min(params.capacityTimeoutMs, closeAtMs - startedAtMs) / 2;

  const askOnce = async (target: MinerTarget): Promise<Asked> => {
    const timeoutMs = Math.min(params.capacityTimeoutMs, closeAtMs - clock.nowMs());
    const late: CapacitiesResult = { ok: false, stage: "request", blame: "validator", reason: "asked too late", status: null };
    if (timeoutMs <= 0) return { target, answer: late };
    const timedOut: CapacitiesResult =
      timeoutMs < fairTimeMs ? late : { ok: false, stage: "time", blame: "miner", reason: "timeout", status: null };
    const stop = new AbortController();
    const askedAtMs = clock.monotonicMs();
    // Of a short time even a short standstill takes much: then the time-out is ours.
    const isLate = () => clock.monotonicMs() - askedAtMs > timeoutMs * LATE_FACTOR;
    const timeout = clock.sleep(timeoutMs, AbortSignal.any([signal, stop.signal])).then(() => (isLate() ? late : timedOut));
    timeout.catch(() => undefined);
    try {
      return { target, answer: await Promise.race([ask(target, request, AbortSignal.any([signal, stop.signal])), timeout]) };
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      return { target, answer: { ok: false, stage: "request", blame: "validator", reason, status: null } };
    } finally {
      stop.abort();
    }
  };

  /** What a miner did not do while we stood still, it may have done. */
  const askFairly = async (target: MinerTarget): Promise<Asked> => {
    const askedAtMs = clock.monotonicMs();
    const asked = await askOnce(target);
    if (asked.answer.ok || asked.answer.blame === "validator") return asked;
    const isOurs = input.wasStarvedLately?.(clock.monotonicMs() - askedAtMs) ?? false;
    return isOurs ? { target, answer: { ...asked.answer, blame: "validator" } } : asked;
  };

  const askOne = async (target: MinerTarget): Promise<Asked> => {
    const first = await askFairly(target);
    const isWorthAsking = !first.answer.ok && first.answer.blame === "validator" && clock.nowMs() < closeAtMs;
    return isWorthAsking ? askFairly(target) : first;
  };

  const isOurFault = ({ answer }: Asked, isOutageOfOurs: boolean): boolean =>
    !answer.ok && (answer.blame === "validator" || (isOutageOfOurs && readReachSign(answer) !== "reached"));

  const readAnswer = ({ target, answer }: Asked, isOutageOfOurs: boolean): readonly SurveyedCapacity[] => {
    const { hotkey } = target;
    if (!answer.ok) {
      const isKept = isOurFault({ target, answer }, isOutageOfOurs);
      logger.debug("A miner could not be asked for its capacities", { hotkey, isOurFault: isKept, reason: answer.reason });
      if (!isKept) declarations.silent(hotkey);
      return tasks.map((task) => ({ target, hotkey, taskId: task.id, ...declarations.declared(hotkey, task) }));
    }
    const read = tasks.map((task) => {
      const capacity = answer.capacities.get(task.id);
      if (capacity?.problem) {
        logger.debug("A miner declared a capacity that cannot be used", { hotkey, task: task.id, problem: capacity.problem });
      }
      return {
        target,
        hotkey,
        taskId: task.id,
        capacityPerHour: capacity?.capacityPerHour ?? 0,
        sampler: capacity?.sampler ?? defaultSampler(task),
      };
    });
    declarations.heard(hotkey, new Map(read.map(({ taskId, capacityPerHour, sampler }) => [taskId, { capacityPerHour, sampler }])));
    return read;
  };

  /** Of the miners that served something lately; endpoints that were dead before tell nothing. */
  const isOurOutage = (asked: readonly Asked[]): boolean => {
    if (input.isNetworkUp?.() === false) return true;
    const known = asked.filter(({ target }) => tasks.some((task) => declarations.capacityPerHour(target.hotkey, task.id) > 0));
    const failing = known.filter(({ answer }) => !answer.ok && readReachSign(answer) === "unreachable");
    return isOutage({ failing: failing.length, heard: known.length }, defaultOutageParams);
  };

  const settled = await runBounded(targets, params.capacityConcurrency, askOne);
  signal.throwIfAborted();
  const asked = settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const isOutageOfOurs = isOurOutage(asked);
  const unasked = asked.filter((each) => isOurFault(each, isOutageOfOurs)).length;
  // An outage has its own warning.
  if (unasked > 0 && !isOutageOfOurs) {
    logger.warn("Miners could not be asked for their capacities through this validator's own fault; they keep what they declared last", {
      miners: unasked,
      of: asked.length,
    });
  }
  return asked
    .flatMap((each) => readAnswer(each, isOutageOfOurs))
    .filter(({ capacityPerHour }) => Number.isFinite(capacityPerHour) && capacityPerHour > 0);
}
