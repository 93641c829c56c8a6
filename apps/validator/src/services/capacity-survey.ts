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
  /** Whether a miner answered a request since the survey began: one that did is not away, however long it hangs here. */
  readonly hasAnswered?: (hotkey: string) => boolean;
  readonly signal: AbortSignal;
};

/** A time-out that fires so many times too late says that this process was held up, not the miner. */
const LATE_FACTOR = 1.25;

type Asked = { readonly target: MinerTarget; readonly answer: CapacitiesResult };

const isBlamed = ({ answer }: Asked): boolean => !answer.ok && answer.blame === "miner";

/** Of two answers the one that tells more: what was heard, else what is the miner's own failure, else the later one. */
const pickAnswer = (first: Asked, second: Asked): Asked => (!second.answer.ok && isBlamed(first) ? first : second);

/** The first of two that is an answer; when both fail, as {@link pickAnswer}. */
function firstHeard(first: Promise<Asked>, second: Promise<Asked>): Promise<Asked> {
  const heard = (asked: Promise<Asked>) => asked.then((each) => (each.answer.ok ? each : new Promise<never>(() => undefined)));
  return Promise.race([heard(first), heard(second), Promise.all([first, second]).then((both) => pickAnswer(...both))]);
}

/** A declared capacity and where its miner is. */
export type SurveyedCapacity = DeclaredCapacity & { readonly target: MinerTarget; readonly sampler: SamplerName };

/**
 * The capacities of all miners, asked at the same time within bounds, each on its own: whatever one of them sends or does touches no other.
 * One request that is lost is not an absence: who was not heard at half-time is asked once more. A miner that is silent both times has none,
 * unless it hangs while it answers other requests: then what it declared last stands, and it is probed for it. One that could not be asked
 * through our own fault (asked too late, this process at a standstill, or most miners out of reach at once) keeps it too.
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
  const halfAtMs = (startedAtMs + closeAtMs) / 2;
  // Of a miner that hung for at least half of the time that there was, enough is known.
  const fairTimeMs = Math.min(params.capacityTimeoutMs, closeAtMs - startedAtMs) / 2;

  const askOnce = async (target: MinerTarget, cancel: AbortSignal): Promise<Asked> => {
    const timeoutMs = Math.min(params.capacityTimeoutMs, closeAtMs - clock.nowMs());
    const late: CapacitiesResult = { ok: false, stage: "request", blame: "validator", reason: "asked too late", status: null };
    if (timeoutMs <= 0) return { target, answer: late };
    const timedOut: CapacitiesResult =
      timeoutMs < fairTimeMs ? late : { ok: false, stage: "time", blame: "miner", reason: "timeout", status: null };
    const stop = new AbortController();
    const askedAtMs = clock.monotonicMs();
    // Of a short time even a short standstill takes much: then the time-out is ours.
    const isLate = () => clock.monotonicMs() - askedAtMs > timeoutMs * LATE_FACTOR;
    const timeout = clock.sleep(timeoutMs, AbortSignal.any([cancel, stop.signal])).then(() => (isLate() ? late : timedOut));
    timeout.catch(() => undefined);
    try {
      return { target, answer: await Promise.race([ask(target, request, AbortSignal.any([cancel, stop.signal])), timeout]) };
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      return { target, answer: { ok: false, stage: "request", blame: "validator", reason, status: null } };
    } finally {
      stop.abort();
    }
  };

  /** What a miner did not do while we stood still, it may have done. */
  const askFairly = async (target: MinerTarget, cancel: AbortSignal): Promise<Asked> => {
    const askedAtMs = clock.monotonicMs();
    const asked = await askOnce(target, cancel);
    if (asked.answer.ok || asked.answer.blame === "validator") return asked;
    const isOurs = input.wasStarvedLately?.(clock.monotonicMs() - askedAtMs) ?? false;
    return isOurs ? { target, answer: { ...asked.answer, blame: "validator" } } : asked;
  };

  /** Asks, and once more beside it when half of the survey's time is over: the first request may be on a connection that is dead. */
  const askOne = async (target: MinerTarget): Promise<Asked> => {
    const stop = new AbortController();
    const cancel = AbortSignal.any([signal, stop.signal]);
    try {
      const first = askFairly(target, cancel);
      const waitMs = halfAtMs - clock.nowMs();
      if (!Number.isFinite(waitMs) || waitMs <= 0) return await first;
      const half = clock.sleep(waitMs, cancel).then(() => null);
      half.catch(() => undefined);
      const early = await Promise.race([first, half]);
      return early ?? (await firstHeard(first, askFairly(target, cancel)));
    } finally {
      stop.abort();
    }
  };

  const isWorthAsking = ({ answer }: Asked) => !answer.ok && (answer.blame === "validator" || Number.isFinite(closeAtMs));

  /** Everybody, and at half-time those that failed at once; whoever was not asked fairly comes first. */
  const askAll = async (): Promise<readonly Asked[]> => {
    const asked = await askEach(targets, askOne);
    const unheard = asked.filter(isWorthAsking);
    if (unheard.length === 0 || clock.nowMs() >= closeAtMs) return asked;
    if (Number.isFinite(halfAtMs)) await clock.sleep(Math.max(halfAtMs - clock.nowMs(), 0), signal);
    const order = [...unheard].sort((one, other) => Number(isBlamed(one)) - Number(isBlamed(other)));
    const again = await askEach(
      order.map(({ target }) => target),
      (target) => askFairly(target, signal),
    );
    const second = new Map(again.map((each) => [each.target, each]));
    return asked.map((each) => pickAnswer(each, second.get(each.target) ?? each));
  };

  const askEach = async (whom: readonly MinerTarget[], how: (target: MinerTarget) => Promise<Asked>): Promise<readonly Asked[]> => {
    const settled = await runBounded(whom, params.capacityConcurrency, how);
    signal.throwIfAborted();
    return settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  };

  const isOurFault = ({ answer }: Asked, isOutageOfOurs: boolean): boolean =>
    !answer.ok && (answer.blame === "validator" || (isOutageOfOurs && readReachSign(answer) !== "reached"));

  const readAnswer = ({ target, answer }: Asked, isOutageOfOurs: boolean): readonly SurveyedCapacity[] => {
    const { hotkey } = target;
    if (!answer.ok) {
      const isOurs = isOurFault({ target, answer }, isOutageOfOurs);
      const isBusy = answer.stage === "time" && (input.hasAnswered?.(hotkey) ?? false);
      const isKept = isOurs || isBusy;
      logger.debug("A miner could not be asked for its capacities", { hotkey, isOurFault: isOurs, isBusy, reason: answer.reason });
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

  const asked = await askAll();
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
