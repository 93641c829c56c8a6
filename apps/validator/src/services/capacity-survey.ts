import { type CapacityRequest, enabledTasks, PROTOCOL_VERSION, type TaskRegistry } from "@vision/protocol";
import type { CapacitiesResult, MinerTarget } from "@vision/sdk/client";
import { defaultOutageParams, isOutage, readReachSign } from "../domain/network-outage.js";
import type { DeclaredCapacity } from "../domain/plan-probes.js";
import type { ProbingParams } from "../domain/probing-params.js";
import type { Clock, Logger } from "../ports/index.js";
import { runBounded } from "./run-bounded.js";
import type { StarvationWatch } from "./starvation-watch.js";

/** Asks one miner. May reject: that is taken for a failure of ours. */
export type AskCapacities = (target: MinerTarget, request: CapacityRequest, signal: AbortSignal) => Promise<CapacitiesResult>;

/** What a survey needs. */
export type CapacitySurveyInput = {
  readonly targets: readonly MinerTarget[];
  readonly registry: TaskRegistry;
  readonly params: ProbingParams;
  /** What a miner declared last, for those that could not be asked through our own fault; 0 when that was too long ago. */
  readonly previousCapacity: (hotkey: string, taskId: string) => number;
  /** Unix milliseconds at which the survey ends with the answers that are in; without it, it waits for every miner's own time-out. */
  readonly closeAtMs?: number;
  /** False while the validator itself is offline; nobody's silence counts then. */
  readonly isNetworkUp?: () => boolean;
  /** Whether the validator itself stood still in a time; a miner's silence in it tells nothing of the miner. */
  readonly wasStarvedDuring?: StarvationWatch["wasStarvedDuring"];
  readonly signal: AbortSignal;
};

type Asked = { readonly target: MinerTarget; readonly answer: CapacitiesResult };

/** A declared capacity and where its miner is. */
export type SurveyedCapacity = DeclaredCapacity & { readonly target: MinerTarget };

/**
 * The capacities of all miners, asked at the same time within bounds, each on its own: whatever one of them sends or does touches no other.
 * A miner that does not answer has none. One that could not be asked through our own fault (asked too late, this process at a standstill, or
 * most miners out of reach at once) is asked again while there is time, and keeps what it declared last.
 */
export async function surveyCapacities(
  input: CapacitySurveyInput,
  dependencies: { readonly ask: AskCapacities; readonly clock: Clock; readonly logger: Logger },
): Promise<readonly SurveyedCapacity[]> {
  const { targets, registry, params, previousCapacity, signal } = input;
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
    const timeout = clock.sleep(timeoutMs, AbortSignal.any([signal, stop.signal])).then(() => timedOut);
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
    const askedAtMs = clock.nowMs();
    const asked = await askOnce(target);
    if (asked.answer.ok || asked.answer.blame === "validator") return asked;
    const isOurs = input.wasStarvedDuring?.({ startedAtMs: askedAtMs, durationMs: clock.nowMs() - askedAtMs }) ?? false;
    return isOurs ? { target, answer: { ...asked.answer, blame: "validator" } } : asked;
  };

  const askOne = async (target: MinerTarget): Promise<Asked> => {
    const first = await askFairly(target);
    const isWorthAsking = !first.answer.ok && first.answer.blame === "validator" && clock.nowMs() < closeAtMs;
    return isWorthAsking ? askFairly(target) : first;
  };

  const isOurFault = ({ answer }: Asked, isOutageOfOurs: boolean): boolean =>
    !answer.ok && (answer.blame === "validator" || (isOutageOfOurs && readReachSign(answer) !== "reached"));

  const read = ({ target, answer }: Asked, isOutageOfOurs: boolean): readonly SurveyedCapacity[] => {
    const { hotkey } = target;
    if (!answer.ok) {
      const isKept = isOurFault({ target, answer }, isOutageOfOurs);
      logger.debug("A miner could not be asked for its capacities", { hotkey, isOurFault: isKept, reason: answer.reason });
      if (!isKept) return [];
      return tasks.map((task) => ({ target, hotkey, taskId: task.id, capacityPerHour: previousCapacity(hotkey, task.id) }));
    }
    return tasks.map((task) => {
      const capacity = answer.capacities.get(task.id);
      if (capacity?.problem) {
        logger.debug("A miner declared a capacity that cannot be used", { hotkey, task: task.id, problem: capacity.problem });
      }
      return { target, hotkey, taskId: task.id, capacityPerHour: capacity?.capacityPerHour ?? 0 };
    });
  };

  /** Of the miners that served something lately; endpoints that were dead before tell nothing. */
  const isOurOutage = (asked: readonly Asked[]): boolean => {
    if (input.isNetworkUp?.() === false) return true;
    const known = asked.filter(({ target }) => tasks.some((task) => previousCapacity(target.hotkey, task.id) > 0));
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
    .flatMap((each) => read(each, isOutageOfOurs))
    .filter(({ capacityPerHour }) => Number.isFinite(capacityPerHour) && capacityPerHour > 0);
}
